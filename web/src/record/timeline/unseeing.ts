import { type QueryClient, skipToken, useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { ObjectMeta } from '@/api/types';
import type { Mentioned } from './mentions';

const keyOf = (collection: string, id: number) => ['unseeing', collection, id];

/** Finds out who of the mentioned cannot see the record; asks nothing when nobody was mentioned. */
export async function findUnseeing(
  client: QueryClient,
  object: ObjectMeta,
  id: number,
  people: readonly Mentioned[],
): Promise<void> {
  if (people.length === 0 || !object.members) return;
  const { collection } = object;
  try {
    const team =
      client.getQueryData<{ may_manage: boolean }>(['members', collection, id]) ??
      (await get<{ may_manage: boolean }>(`/${collection}/${id}/members`));
    if (!team.may_manage) return;
    const ids = people.map((person) => person.id);
    const { users } = await get<{ users: number[] }>(
      `/${collection}/${id}/unseeing?users=${ids.join(',')}`,
    );
    const blind = people.filter((person) => users.includes(person.id));
    if (blind.length > 0) client.setQueryData(keyOf(collection, id), blind);
  } catch {
    // The follow-up is saved; that nobody can be offered more is no failure of it.
  }
}

export function forgetUnseeing(client: QueryClient, collection: string, id: number): void {
  client.setQueryData(keyOf(collection, id), []);
}

/** The people who were just mentioned and cannot see the record. */
export function useUnseeing(collection: string, id: number): readonly Mentioned[] {
  const { data } = useQuery<readonly Mentioned[]>({
    queryKey: keyOf(collection, id),
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? [];
}
