import type { ModuleDescriptor } from '@/record/context';

export const tag: ModuleDescriptor = {
  object: 'tag',
  choices: {
    groupBy: 'group_name',
    useFilter: (holder) =>
      holder &&
      `rule eq null and (not object_kinds/any() or object_kinds/any(kind: kind eq '${holder.name}'))`,
  },
};
