import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { get } from '@/api/client';
import type { Page, RecordData } from '@/api/types';

/** Lists of settings are short: all rows are read, up to this many. */
const mostRows = 2000;

export async function readAll<Row extends RecordData>(
  path: string,
  signal?: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | undefined = path;
  while (next && rows.length < mostRows) {
    const page: Page<Row> = await get<Page<Row>>(next, { signal });
    rows.push(...page.value);
    next = page['@odata.nextLink'];
  }
  return rows;
}

export interface Wanted {
  expand?: string;
  orderby?: string;
  select?: string;
}

/** All rows of a collection of settings. */
export function useRows<Row extends RecordData = RecordData>(
  collection: string,
  wanted: Wanted = {},
) {
  const { expand, orderby, select } = wanted;
  return useQuery({
    queryKey: ['settings', collection, expand ?? '', orderby ?? '', select ?? ''],
    staleTime: 5_000,
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams({ $top: '500' });
      if (expand) parameters.set('$expand', expand);
      if (orderby) parameters.set('$orderby', orderby);
      if (select) parameters.set('$select', select);
      return readAll<Row>(`/${collection}?${parameters}`, signal);
    },
  });
}

/** After a change: the settings themselves and everything that shows them elsewhere. */
export function refreshSettings(client: QueryClient, collection: string): Promise<void> {
  for (const key of ['list', 'choices']) {
    void client.invalidateQueries({ queryKey: [key, collection] });
  }
  return client.invalidateQueries({ queryKey: ['settings', collection] });
}

export function useRefresh(collection: string): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(() => refreshSettings(client, collection), [client, collection]);
}

/** What differs between a record and the values of a form; lists are compared member by member. */
export function changesOf(
  record: Record<string, unknown>,
  values: Record<string, unknown>,
): Record<string, unknown> {
  const normal = (value: unknown) =>
    value === undefined || value === '' ? 'null' : JSON.stringify(value);
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => normal(value) !== normal(record[name])),
  );
}
