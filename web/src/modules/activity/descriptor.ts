import type { ModuleDescriptor } from '@/record/context';

export const activity: ModuleDescriptor = {
  object: 'activity',
  navigation: { group: 'work', order: 3 },
  keywords: 'gj gjjl genjin activity follow-up',
  headerFields: ['method', 'outcome', 'happened_at', 'owner_id'],
  cardFields: ['method', 'outcome', 'owner_id', 'happened_at'],
};
