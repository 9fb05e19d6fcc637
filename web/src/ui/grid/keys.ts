import type { KeyboardEvent } from 'react';
import { isMac } from '../keyboard';
import { headRow } from './useActiveCell';

/** What a key in the grid asks for. */
export type GridCommand =
  | { do: 'go'; row: number; column: number; walk?: boolean }
  | { do: 'select'; range: boolean }
  | { do: 'select_all' | 'copy' | 'edit' | 'enter' | 'open_new_tab' | 'sort' | 'clear' }
  | { do: 'resize'; direction: 1 | -1 };

interface Place {
  row: number;
  column: number;
  rows: number;
  columns: number;
  page: number;
}

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

function withModifier(key: string, { rows, columns }: Place): GridCommand | null {
  if (key === 'a') return { do: 'select_all' };
  if (key === 'c') return { do: 'copy' };
  if (key === 'Home') return { do: 'go', row: 0, column: 0 };
  if (key === 'End') return { do: 'go', row: rows - 1, column: columns - 1 };
  return key === 'Enter' ? { do: 'open_new_tab' } : null;
}

/** The keys of a grid with its active cell at a place. Null: the key is not the grid's. */
export function commandOf(event: Key, place: Place): GridCommand | null {
  // With the caps lock on, letters come in capitals.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const { row, column, rows, columns, page } = place;
  if (isMac ? event.metaKey : event.ctrlKey) return withModifier(key, place);
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const go = (toRow: number, toColumn: number, walk = false): GridCommand => ({
    do: 'go',
    row: toRow,
    column: toColumn,
    walk,
  });
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return go(row + 1, column, true);
    case 'ArrowUp':
      return go(row - 1, column, true);
    case 'k':
      return go(Math.max(0, row - 1), column, true);
    case 'ArrowRight':
      return go(row, column + 1);
    case 'ArrowLeft':
      return go(row, column - 1);
    case 'Home':
      return go(row, 0);
    case 'End':
      return go(row, columns - 1);
    case 'PageDown':
      return go(Math.min(rows - 1, row + page), column);
    case 'PageUp':
      return go(Math.max(0, row - page), column);
    case 's':
      return { do: 'sort' };
    case '[':
    case '【':
      return { do: 'resize', direction: -1 };
    case ']':
    case '】':
      return { do: 'resize', direction: 1 };
    case 'Escape':
      return { do: 'clear' };
    case ' ':
    case 'x':
      if (row === headRow) return key === ' ' ? { do: 'sort' } : null;
      return { do: 'select', range: event.shiftKey };
    case 'e':
    case 'F2':
      return row === headRow ? null : { do: 'edit' };
    case 'Enter':
      return row === headRow ? { do: 'sort' } : { do: 'enter' };
    default:
      return null;
  }
}
