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
}

export interface GridSort {
  key: string;
  descending: boolean;
}

export interface GridCellRef {
  row: number;
  column: number;
}

export interface GridEditorContext<Row> {
  row: Row;
  column: GridColumn<Row>;
  /** Leaves the editor; `move` says where the active cell goes next. */
  close: (move?: 'down' | 'right' | 'left') => void;
}
