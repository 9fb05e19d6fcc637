import { useMemo } from 'react';
import { allOf } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '../context';
import { columnsOf, type ListSearch, parseOrder, useLayout, viewOf } from './listState';
import { useRecordList } from './useRecordList';

/** From the address to the rows: what a list page and its phone form have in common. */
export function useListRequest(object: ObjectMeta, search: ListSearch, extra: string[] = []) {
  const { model } = useRecordWorld();
  const view = viewOf(object, search);
  const { pool } = view;
  const layout = useLayout(object.name);
  const columns = useMemo(() => columnsOf(object, search, layout), [object, search, layout]);
  const orderby = search.sort ?? view.orderby ?? object.list.orderby;
  const filter = allOf(
    view.filter,
    pool && search.pool ? `pool_id eq ${search.pool}` : undefined,
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
    view,
    narrowed: Boolean(search.filter || search.q || (!pool && search.view)),
  };
}
