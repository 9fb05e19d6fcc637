import { useMemo } from 'react';
import { isReference, type Model, navigationOf } from '@/api/meta';
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
  const realOrder = orderOf(model, object, orderby, descriptor(object.name)?.sortsBy);
  const filter = allOf(
    view.filter,
    pool && search.pool ? `pool_id eq ${search.pool}` : undefined,
    search.filter,
  );
  const list = useRecordList(model, object, {
    filter,
    search: search.q,
    orderby: realOrder,
    columns: [...new Set([...columns, ...(descriptor(object.name)?.titleFields ?? []), ...extra])],
  });
  return {
    ...list,
    pool,
    columns,
    filter,
    realOrder,
    sort: parseOrder(orderby ?? undefined),
    view,
    narrowed: Boolean(search.filter || search.q || (!pool && search.view)),
  };
}

/**
 * What a column sorts by: a reference by the title that it shows, some columns by something else
 * than their value.
 */
export function orderOf(
  model: Model,
  object: ObjectMeta,
  orderby: string | undefined,
  sortsBy: Record<string, string> | undefined,
): string | undefined {
  const order = parseOrder(orderby);
  if (!order) return orderby;
  const field = object.fields.find(({ name }) => name === order.key);
  const title =
    field && isReference(field) && !field.multiple
      ? `${navigationOf(field.name)}/${model.targetTitle(field)}`
      : undefined;
  const path = sortsBy?.[order.key] ?? title;
  return path ? writeOrder({ ...order, key: path }) : orderby;
}
