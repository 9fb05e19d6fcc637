import { type MouseEvent, memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { GridColumn } from './types';

export interface RowHandlers {
  press: (index: number, column: number, event: MouseEvent) => void;
  edit: (index: number, column: number) => void;
  check: (index: number, range: boolean) => void;
}

interface GridRowProps<Row> {
  gridId: string;
  row: Row;
  index: number;
  top: number;
  template: string;
  columns: readonly GridColumn<Row>[];
  selected: boolean;
  open: boolean;
  /** The column of the active cell when it is in this row, else -1. */
  active: number;
  /** The column whose editor is open in this row, else -1. */
  edited: number;
  editor: ReactNode;
  selectLabel: string;
  handlers: RowHandlers;
}

function GridRowInner<Row>({
  gridId,
  row,
  index,
  top,
  template,
  columns,
  selected,
  open,
  active,
  edited,
  editor,
  selectLabel,
  handlers,
}: GridRowProps<Row>) {
  return (
    <div
      role="row"
      className="grid-row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-open={open || undefined}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: template }}
    >
      <div className="grid-cell grid-check" role="gridcell" aria-colindex={1}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={selectLabel}
          checked={selected}
          onChange={() => {}}
          onClick={(event) => handlers.check(index, event.shiftKey)}
        />
      </div>
      {columns.map((column, at) => {
        const isActive = at === active;
        const editing = at === edited && editor !== null;
        const refusal = editing ? null : column.refusal?.(row);
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys of its cells
          <div
            key={column.key}
            id={isActive ? `${gridId}-active` : undefined}
            role="gridcell"
            aria-colindex={at + 2}
            className={at === 0 ? 'grid-cell grid-pin' : 'grid-cell'}
            data-align={column.align === 'end' ? 'end' : undefined}
            data-active={isActive || undefined}
            data-editing={editing || undefined}
            data-refused={refusal ? true : undefined}
            aria-invalid={refusal ? true : undefined}
            onClick={(event) => handlers.press(index, at, event)}
            onDoubleClick={() => handlers.edit(index, at)}
          >
            {editing ? editor : column.cell(row)}
            {refusal && <span className="grid-editor-error">{refusal}</span>}
          </div>
        );
      })}
    </div>
  );
}

export const GridRow = memo(GridRowInner) as typeof GridRowInner;

export function SkeletonRow({
  top,
  template,
  columns,
  index,
}: {
  top: number;
  template: string;
  columns: number;
  index: number;
}) {
  return (
    <div
      className="grid-row"
      aria-hidden="true"
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: template }}
    >
      <div className="grid-cell grid-check" />
      {Array.from({ length: columns }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells of a placeholder have no other name
        <div key={at} className={at === 0 ? 'grid-cell grid-pin' : 'grid-cell'}>
          <span className="bone" style={{ width: `${40 + ((index * 7 + at * 13) % 45)}%` }} />
        </div>
      ))}
    </div>
  );
}

/** Stands where the next rows would be. */
export function FailedRow({
  top,
  columns,
  index,
  failure,
}: {
  top: number;
  columns: number;
  index: number;
  failure: { message: string; retry: () => void };
}) {
  const { t } = useTranslation();
  return (
    <div
      role="row"
      className="grid-row grid-failed"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className="grid-failure" aria-colindex={1} aria-colspan={columns + 1}>
        <span role="alert">{t('grid.more_failed', { reason: failure.message })}</span>
        <button type="button" className="link-button" onClick={failure.retry}>
          {t('common.retry')}
        </button>
      </div>
    </div>
  );
}
