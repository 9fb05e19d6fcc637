import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Page, Region } from '@/api/types';

/** Every region; they change with the law, not with the day. */
export function useRegions(): Map<number, Region> | undefined {
  const { data } = useQuery({
    queryKey: ['regions'],
    queryFn: () => get<Region[]>('/regions'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ? regionIndex(data) : undefined;
}

const indexes = new WeakMap<Region[], Map<number, Region>>();
let latest: Map<number, Region> | undefined;

function regionIndex(regions: Region[]): Map<number, Region> {
  let index = indexes.get(regions);
  if (!index) {
    index = new Map(regions.map((region) => [region.id, region]));
    indexes.set(regions, index);
    latest = index;
  }
  return index;
}

/** The name of a region, as far as the regions are loaded. */
export function regionName(id: unknown): string {
  return (typeof id === 'number' && latest?.get(id)?.name) || '';
}

/** The names of the records of a small collection (tags, competitors, colleagues) by id. */
export function useNames(
  collection: string | null,
  title: string,
): Map<number, string> | undefined {
  const { data } = useQuery({
    queryKey: ['names', collection, title],
    enabled: collection !== null,
    staleTime: 120_000,
    queryFn: async () => {
      const parameters = new URLSearchParams({ $select: `id,${title}`, $top: '500' });
      const page = await get<Page>(`/${collection}?${parameters}`);
      return new Map(page.value.map((row) => [row.id, String(row[title] ?? row.id)]));
    },
  });
  if (data && collection) known.set(collection, data);
  return data;
}

const known = new Map<string, Map<number, string>>();

/** The name of a record of a small collection, as far as the screen shows some of them. */
export function knownName(collection: string, id: number): string | undefined {
  return known.get(collection)?.get(id);
}

/** The one region of this name; undefined when there is none or several of them. */
export function regionOf(name: string): number | undefined {
  let found: number | undefined;
  for (const region of latest?.values() ?? []) {
    if (region.name !== name) continue;
    if (found !== undefined) return undefined;
    found = region.id;
  }
  return found;
}
