import { ArrowDown, ArrowUp } from 'lucide-react';
import { type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fitWidth, type GridColumn, type GridSort } from './types';

interface GridHeadProps<Row> {
  gridId: string;
  /** The column of the active cell when it is in the headings, else -1. */
  active: number;
  columns: readonly GridColumn<Row>[];
  template: string;
  sort: GridSort | null;
  allSelected: boolean;
  someSelected: boolean;
  onSort: (key: string) => void;
  onResize: (key: string, width: number) => void;
  onMove: (key: string, before: string) => void;
  onSelectAll: (selected: boolean) => void;
}

export function GridHead<Row>({
  gridId,
  active,
  columns,
  template,
  sort,
  allSelected,
  someSelected,
  onSort,
  onResize,
  onMove,
  onSelectAll,
}: GridHeadProps<Row>) {
  const { t } = useTranslation();
  const dragged = useRef<string | null>(null);
  const [over, setOver] = useState<string | null>(null);

  const startResize = (event: PointerEvent<HTMLSpanElement>, column: GridColumn<Row>) => {
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX;
    const handle = event.currentTarget;
    const width = handle.parentElement?.offsetWidth ?? column.width;
    handle.setPointerCapture(event.pointerId);
    const move = (next: globalThis.PointerEvent) =>
      onResize(column.key, fitWidth(width + next.clientX - from));
    const stop = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', stop);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', stop);
  };

  return (
    <div
      role="row"
      className="grid-head"
      aria-rowindex={1}
      style={{ gridTemplateColumns: template }}
    >
      <div className="grid-cell grid-check" role="columnheader" aria-colindex={1}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={t('grid.select_all')}
          checked={allSelected}
          ref={(element) => {
            if (element) element.indeterminate = someSelected && !allSelected;
          }}
          onChange={(event) => onSelectAll(event.target.checked)}
        />
      </div>
      {columns.map((column, at) => {
        const sorted = sort?.key === column.key;
        return (
          <div
            key={column.key}
            id={at === active ? `${gridId}-active` : undefined}
            role="columnheader"
            aria-colindex={at + 2}
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
            className={at === 0 ? 'grid-cell grid-pin' : 'grid-cell'}
            data-align={column.align === 'end' ? 'end' : undefined}
            data-active={at === active || undefined}
            data-over={over === column.key || undefined}
            draggable={at > 0}
            onDragStart={(event) => {
              dragged.current = column.key;
              event.dataTransfer.effectAllowed = 'move';
            }}
            onDragOver={(event) => {
              if (dragged.current && at > 0) {
                event.preventDefault();
                setOver(column.key);
              }
            }}
            onDragLeave={() => setOver(null)}
            onDragEnd={() => {
              dragged.current = null;
              setOver(null);
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged.current && dragged.current !== column.key)
                onMove(dragged.current, column.key);
              dragged.current = null;
              setOver(null);
            }}
          >
            {column.sortable ? (
              <button
                type="button"
                tabIndex={-1}
                className="grid-sort"
                onClick={() => onSort(column.key)}
              >
                <span className="ellipsis">{column.label}</span>
                {sorted &&
                  (sort.descending ? (
                    <ArrowDown size={13} aria-hidden="true" />
                  ) : (
                    <ArrowUp size={13} aria-hidden="true" />
                  ))}
              </button>
            ) : (
              <span className="ellipsis">{column.label}</span>
            )}
            <span
              className="grid-resize"
              aria-hidden="true"
              onPointerDown={(event) => startResize(event, column)}
              onDragStart={(event) => event.preventDefault()}
            />
          </div>
        );
      })}
    </div>
  );
}
