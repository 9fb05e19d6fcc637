import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { useSession } from '@/api/session';
import type { ObjectMeta, Page } from '@/api/types';

/**
 * The pipelines that a deal of one's own may go through: those for all, and those for one's own
 * department or one above it. Administrators may take any.
 */
export function usePipelinesFor(holder: ObjectMeta | undefined): string | undefined {
  const { user } = useSession();
  const wanted = holder?.name === 'opportunity';
  const own = user.department?.id ?? null;
  const { data } = useQuery({
    queryKey: ['choices', 'departments', 'above'],
    enabled: wanted && !user.is_admin && own !== null,
    staleTime: 60_000,
    queryFn: () => get<Page>('/departments?$select=id,parent_id&$top=500'),
  });
  if (!wanted) return undefined;
  if (user.is_admin) return 'is_active eq true';
  const parents = new Map((data?.value ?? []).map((row) => [row.id, row.parent_id]));
  const chain: number[] = [];
  for (let at: unknown = own; typeof at === 'number' && !chain.includes(at); at = parents.get(at)) {
    chain.push(at);
  }
  const forMine = chain.length > 0 ? ` or department_ids/any(id: id in (${chain.join(',')}))` : '';
  return `is_active eq true and (not department_ids/any()${forMine})`;
}
