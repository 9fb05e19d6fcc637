import type { ReactNode } from 'react';

/** One column of a grid. `cell` must be cheap: it runs for every row that scrolls into view. */
export interface GridColumn<Row> {
  key: string;
  label: string;
  width: number;
  /** The column takes free space up to this width. */
  grow?: number;
  align?: 'start' | 'end';
  sortable?: boolean;
  editable?: (row: Row) => boolean;
  cell: (row: Row) => ReactNode;
  /** What is copied and what a screen reader hears when the cell is a picture. */
  text: (row: Row) => string;
  /** Why what was typed here was not taken; one click opens its editor again. */
  refusal?: (row: Row) => string | null;
}

export interface GridSort {
  key: string;
  descending: boolean;
}

/** Where the active cell goes when an editor closes; `away`: the person has gone on elsewhere. */
export type GridMove = 'down' | 'right' | 'left' | 'away';

export interface GridEditorContext<Row> {
  row: Row;
  column: GridColumn<Row>;
  /** Leaves the editor. */
  close: (move?: GridMove) => void;
}

/** What is pasted: the block, and the rows and columns from the active cell on. */
export interface GridPaste<Row> {
  block: string[][];
  rows: readonly Row[];
  columns: readonly string[];
  /** The number of the first of the rows, counted from one. */
  firstRow: number;
}

export const narrowest = 64;
export const widest = 640;
/** How much one key press changes the width of a column. */
export const widthStep = 24;

export function fitWidth(width: number): number {
  return Math.max(narrowest, Math.min(widest, Math.round(width)));
}
