import { useMemo, useRef } from 'react';

/**
 * Rows in the order in which they stood before, each with its newest content; rows that are gone
 * stay as they were last seen, and new ones come behind the others.
 */
export function keepOrder<Row extends { id: number }>(
  before: readonly Row[],
  now: readonly Row[],
): readonly Row[] {
  const fresh = new Map(now.map((row) => [row.id, row]));
  const known = new Set(before.map(({ id }) => id));
  return [
    ...before.map((row) => fresh.get(row.id) ?? row),
    ...now.filter(({ id }) => !known.has(id)),
  ];
}

/** The rows; while `held` they do not change places, so that nothing moves under an open editor. */
export function useSteadyRows<Row extends { id: number }>(
  rows: readonly Row[],
  held: boolean,
): readonly Row[] {
  const last = useRef(rows);
  const shown = useMemo(() => (held ? keepOrder(last.current, rows) : rows), [rows, held]);
  last.current = shown;
  return shown;
}
