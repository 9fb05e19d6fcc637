import type { ModuleDescriptor } from '@/record/context';
import { disputeDialogs } from '@/record/foreign/dialogs';

export const account: ModuleDescriptor = {
  object: 'account',
  navigation: { group: 'sales', order: 2, shortcut: 'a' },
  keywords: 'kh kehu kehai gh gonghai account customer',
  createFields: ['name', 'level', 'industry', 'phone', 'uscc', 'source', 'region_id', 'address'],
  duplicateFields: ['name', 'uscc', 'phone', 'email', 'website', 'region_id', 'parent_account_id'],
  headerFields: ['status', 'level', 'industry', 'owner_id'],
  cardFields: ['status', 'level', 'owner_id', 'last_activity_at'],
  primaryActions: ['claim'],
  followUps: true,
  actionDialogs: disputeDialogs,
};
