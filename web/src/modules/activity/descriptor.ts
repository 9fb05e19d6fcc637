import type { ModuleDescriptor } from '@/record/context';

/** What a follow-up may be about, the closest first. */
const subjects = ['opportunity', 'lead', 'contact', 'account'];

export const activity: ModuleDescriptor = {
  object: 'activity',
  navigation: { group: 'work', order: 3 },
  keywords: 'gj gjjl genjin activity follow-up',
  headerFields: ['method', 'outcome', 'happened_at', 'owner_id'],
  timelineOf: (record) => {
    const object = subjects.find((name) => typeof record[`${name}_id`] === 'number');
    return object ? { object, id: record[`${object}_id`] as number } : null;
  },
  cardFields: ['method', 'outcome', 'owner_id', 'happened_at'],
};
