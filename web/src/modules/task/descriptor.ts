import type { ModuleDescriptor } from '@/record/context';

export const task: ModuleDescriptor = {
  object: 'task',
  navigation: { group: 'work', order: 2, shortcut: 't' },
  keywords: 'rw renwu db daiban task todo',
  createFields: ['title', 'due_at', 'remind_before', 'priority', 'repeat', 'description'],
  headerFields: ['status', 'priority', 'due_at', 'owner_id'],
  cardFields: ['status', 'due_at', 'account_id', 'opportunity_id', 'owner_id'],
  primaryActions: ['complete', 'reopen'],
};
