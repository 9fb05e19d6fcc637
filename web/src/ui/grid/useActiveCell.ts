import { useCallback, useEffect, useRef, useState } from 'react';
import type { GridColumn } from './types';

/** The row of headings, above the first row. */
export const headRow = -1;

interface Place {
  /** Null: the headings. Undefined: no row has been there yet. */
  id: number | null | undefined;
  key: string | undefined;
}

/**
 * The active cell belongs to a record and a column, not to a place on the screen: rows move when
 * others work on them, and the cell goes along. A record that has left the list leaves the cell to
 * the one that came in its place.
 */
export function useActiveCell<Row extends { id: number }>(
  rows: readonly Row[],
  columns: readonly GridColumn<Row>[],
) {
  const [place, setPlace] = useState<Place>({ id: undefined, key: undefined });
  const last = useRef({ row: 0, column: 0 });
  const found = rows.findIndex(({ id }) => id === place.id);
  const column = columns.findIndex(({ key }) => key === place.key);
  const cell = {
    row:
      place.id === null
        ? headRow
        : found >= 0
          ? found
          : Math.max(0, Math.min(rows.length - 1, last.current.row)),
    column: column >= 0 ? column : Math.max(0, Math.min(columns.length - 1, last.current.column)),
  };
  useEffect(() => {
    last.current = { row: Math.max(0, cell.row), column: cell.column };
  });
  const isLost = place.id !== null && found < 0 && rows.length > 0;
  const heir = rows[cell.row]?.id;
  useEffect(() => {
    if (isLost) setPlace((before) => ({ ...before, id: heir }));
  }, [isLost, heir]);

  const put = useCallback((row: Row | null, key: string | undefined) => {
    setPlace({ id: row === null ? null : row.id, key });
  }, []);
  return { cell, put };
}
