import { useMemo } from 'react';
import { allOf } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '../context';
import { columnsOf, type ListSearch, parseOrder, useLayout, viewOf, writeOrder } from './listState';
import { useRecordList } from './useRecordList';

/** From the address to the rows: what a list page and its phone form have in common. */
export function useListRequest(object: ObjectMeta, search: ListSearch, extra: string[] = []) {
  const { model, descriptor } = useRecordWorld();
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
    orderby: realOrder(orderby ?? undefined, descriptor(object.name)?.sortsBy),
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

/** Some columns sort by something else than their value. */
function realOrder(
  orderby: string | undefined,
  sortsBy: Record<string, string> | undefined,
): string | undefined {
  const order = parseOrder(orderby);
  const path = order && sortsBy?.[order.key];
  return order && path ? writeOrder({ ...order, key: path }) : orderby;
}
