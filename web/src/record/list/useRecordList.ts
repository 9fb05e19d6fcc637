import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Model } from '@/api/meta';
import { fetchPage, type ListRequest, listPath } from '@/api/records';
import type { ObjectMeta } from '@/api/types';

/** The rows of a list, page after page, with the number of all rows as far as it is known. */
export function useRecordList(
  model: Model,
  object: ObjectMeta,
  request: ListRequest,
  enabled = true,
) {
  const path = listPath(model, object, request);
  const query = useInfiniteQuery({
    queryKey: ['list', object.collection, path],
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: path,
    getNextPageParam: (page) => page['@odata.nextLink'],
    placeholderData: keepPreviousData,
    enabled,
  });
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.value), [query.data]);
  const first = query.data?.pages[0];
  const count =
    first?.['@kehai.count'] ??
    (first?.['@odata.count'] === undefined ? null : { value: first['@odata.count'], exact: true });
  return { query, rows, count };
}
