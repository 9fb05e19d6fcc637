import type { ModuleDescriptor } from '@/record/context';

export const pool: ModuleDescriptor = {
  object: 'pool',
  choices: {
    // A lead lies in no pool of customers, and in none that is closed.
    useFilter: (holder) =>
      holder?.pooled ? `kind eq '${holder.name}' and is_enabled eq true` : undefined,
  },
};
