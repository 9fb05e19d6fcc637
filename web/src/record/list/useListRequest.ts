import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '@/api/client';
import { allOf } from '@/api/records';
import type { ObjectMeta, Page } from '@/api/types';
import { useRecordWorld } from '../context';
import { columnsOf, type ListSearch, parseOrder, viewOf } from './listState';
import { useRecordList } from './useRecordList';

/** From the address to the rows: what a list page and its phone form have in common. */
export function useListRequest(object: ObjectMeta, search: ListSearch, extra: string[] = []) {
  const { model, descriptor } = useRecordWorld();
  const view = viewOf(object, search);
  const pool = search.tab === 'pool' && Boolean(object.pooled);
  const columns = useMemo(() => columnsOf(object, search), [object, search]);
  const orderby = search.sort ?? view?.orderby ?? object.list.orderby;
  const filter = allOf(
    pool ? 'pool_id ne null' : descriptor(object.name)?.baseFilter,
    pool ? undefined : view?.filter,
    search.filter,
  );
  const list = useRecordList(model, object, {
    filter,
    search: search.q,
    orderby: orderby ?? undefined,
    columns: [...new Set([...columns, ...extra])],
  });
  return {
    ...list,
    pool,
    columns,
    filter,
    sort: parseOrder(orderby ?? undefined),
    narrowed: Boolean(search.filter || search.q || (!pool && search.view)),
  };
}

/** The pools of an object that the user may look into. */
export function usePools(object: ObjectMeta) {
  return useQuery({
    queryKey: ['pools', object.name],
    enabled: Boolean(object.pooled),
    staleTime: 300_000,
    queryFn: () =>
      get<Page>(
        `/pools?${new URLSearchParams({ $filter: `kind eq '${object.pooled}'`, $select: 'id,name' })}`,
      ),
  });
}
