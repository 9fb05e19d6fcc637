import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing, isMac, isTyping } from '../keyboard';
import { formatBlock, parseBlock } from './clipboard';
import { GridHead } from './GridHead';
import { GridRow, type RowHandlers, SkeletonRow } from './GridRow';
import type { GridCellRef, GridColumn, GridEditorContext, GridSort } from './types';

/**
 * A table for many rows: only the visible ones exist, the first column stays in view, cells are
 * walked, edited, copied and pasted with the keyboard. It knows nothing of records; rows have an id
 * and columns say how to draw them. Rows beyond the loaded ones are placeholders until `onEnd` has
 * brought them.
 */
export interface GridProps<Row extends { id: number }> {
  label: string;
  columns: readonly GridColumn<Row>[];
  rows: readonly Row[];
  rowLabel: (row: Row) => string;
  loading: boolean;
  hasMore: boolean;
  total: number | null;
  onEnd: () => void;
  sort: GridSort | null;
  onSort: (key: string) => void;
  selection: ReadonlySet<number>;
  onSelection: (selection: ReadonlySet<number>) => void;
  openId: number | null;
  onOpen: (row: Row, newTab: boolean) => void;
  onResize: (key: string, width: number) => void;
  onMove: (key: string, before: string) => void;
  renderEditor?: (context: GridEditorContext<Row>) => ReactNode;
  onPaste?: (block: string[][], at: { row: number; column: number }) => void;
  rowHeight?: number;
  empty?: ReactNode;
}

const checkWidth = 40;
const placeholderRows = 24;

export function Grid<Row extends { id: number }>(props: GridProps<Row>) {
  const { columns, rows, selection, rowHeight = 36 } = props;
  const { t } = useTranslation();
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<GridCellRef>({ row: 0, column: 0 });
  const [focused, setFocused] = useState(false);
  const [editing, setEditing] = useState(false);
  const anchor = useRef(0);
  const latest = useRef(props);
  latest.current = props;

  const count = rows.length + (props.loading || props.hasMore ? placeholderRows : 0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const template = useMemo(
    () =>
      `${checkWidth}px ${columns
        .map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}px)` : `${width}px`))
        .join(' ')} minmax(0, 1fr)`,
    [columns],
  );
  const width = columns.reduce((sum, column) => sum + column.width, checkWidth);

  const lastIndex = items.at(-1)?.index ?? 0;
  const { hasMore, onEnd } = props;
  useEffect(() => {
    if (hasMore && lastIndex >= rows.length - 20) onEnd();
  }, [hasMore, lastIndex, onEnd, rows.length]);

  const goTo = useCallback(
    (row: number, column: number) => {
      const { rows: all, columns: shown } = latest.current;
      const next = {
        row: Math.max(0, Math.min(all.length - 1, row)),
        column: Math.max(0, Math.min(shown.length - 1, column)),
      };
      setActive(next);
      setEditing(false);
      virtual.scrollToIndex(next.row);
      const box = scroller.current;
      if (box && next.column > 0) {
        const left = shown
          .slice(0, next.column)
          .reduce((sum, entry) => sum + entry.width, checkWidth);
        const pinned = checkWidth + shown[0].width;
        const right = left + shown[next.column].width;
        if (left - box.scrollLeft < pinned) box.scrollLeft = left - pinned;
        else if (right - box.scrollLeft > box.clientWidth) {
          box.scrollLeft = right - box.clientWidth;
        }
      }
    },
    [virtual],
  );

  const toggle = useCallback((index: number, range: boolean) => {
    const { rows: all, selection: before, onSelection } = latest.current;
    const next = new Set(before);
    const row = all[index];
    if (!row) return;
    if (range) {
      const [low, high] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      for (const each of all.slice(low, high + 1)) next.add(each.id);
    } else if (next.has(row.id)) next.delete(row.id);
    else next.add(row.id);
    anchor.current = index;
    onSelection(next);
  }, []);

  const startEdit = useCallback((index: number, column: number) => {
    const { rows: all, columns: shown, renderEditor } = latest.current;
    const row = all[index];
    if (!renderEditor || !row || !shown[column]?.editable?.(row)) return false;
    setActive({ row: index, column });
    setEditing(true);
    return true;
  }, []);

  const handlers = useMemo<RowHandlers>(
    () => ({
      press: (index: number, column: number, event: MouseEvent) => {
        const target = event.target as HTMLElement;
        setActive((before) => {
          if (before.row !== index || before.column !== column) setEditing(false);
          return { row: index, column };
        });
        if (!isTyping(target)) scroller.current?.focus({ preventScroll: true });
        const row = latest.current.rows[index];
        if (row && target.closest('[data-open-record]')) {
          event.preventDefault();
          latest.current.onOpen(row, event.metaKey || event.ctrlKey);
        }
      },
      edit: (index: number, column: number) => {
        startEdit(index, column);
      },
      check: toggle,
    }),
    [startEdit, toggle],
  );

  const closeEditor = useCallback(
    (move?: 'down' | 'right' | 'left') => {
      setEditing(false);
      scroller.current?.focus({ preventScroll: true });
      setActive((cell) => {
        if (move === 'down') return { ...cell, row: Math.min(rows.length - 1, cell.row + 1) };
        if (move === 'right') {
          return { ...cell, column: Math.min(columns.length - 1, cell.column + 1) };
        }
        if (move === 'left') return { ...cell, column: Math.max(0, cell.column - 1) };
        return cell;
      });
    },
    [columns.length, rows.length],
  );

  const copy = () => {
    const chosen =
      selection.size > 0
        ? rows
            .filter((row) => selection.has(row.id))
            .map((row) => columns.map((column) => column.text(row)))
        : rows[active.row]
          ? [[columns[active.column]?.text(rows[active.row]) ?? '']]
          : [];
    void navigator.clipboard?.writeText(formatBlock(chosen));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isComposing(event) || event.target !== event.currentTarget || rows.length === 0) return;
    const { row, column } = active;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const mod = isMac ? event.metaKey : event.ctrlKey;
    const done = () => event.preventDefault();
    const move = (toRow: number, toColumn: number) => {
      done();
      goTo(toRow, toColumn);
    };
    if (mod) {
      if (event.key === 'a') {
        done();
        props.onSelection(new Set(rows.map((each) => each.id)));
      } else if (event.key === 'c') {
        done();
        copy();
      } else if (event.key === 'Home') move(0, 0);
      else if (event.key === 'End') move(rows.length - 1, columns.length - 1);
      else if (event.key === 'Enter' && rows[row]) {
        done();
        props.onOpen(rows[row], true);
      }
      return;
    }
    if (event.altKey) return;
    switch (event.key) {
      case 'ArrowDown':
      case 'j':
        move(row + 1, column);
        if (props.openId !== null && rows[row + 1]) props.onOpen(rows[row + 1], false);
        break;
      case 'ArrowUp':
      case 'k':
        move(row - 1, column);
        if (props.openId !== null && rows[row - 1]) props.onOpen(rows[row - 1], false);
        break;
      case 'ArrowRight':
        move(row, column + 1);
        break;
      case 'ArrowLeft':
        move(row, column - 1);
        break;
      case 'Home':
        move(row, 0);
        break;
      case 'End':
        move(row, columns.length - 1);
        break;
      case 'PageDown':
        move(row + page, column);
        break;
      case 'PageUp':
        move(row - page, column);
        break;
      case ' ':
      case 'x':
        done();
        toggle(row, event.shiftKey);
        break;
      case 'e':
      case 'F2':
        done();
        startEdit(row, column);
        break;
      case 'Enter':
        done();
        if (column === 0 || !startEdit(row, column)) props.onOpen(rows[row], false);
        break;
      case 'Escape':
        if (selection.size > 0) {
          done();
          props.onSelection(new Set());
        }
        break;
      default:
    }
  };

  const editor =
    editing && rows[active.row] && columns[active.column]
      ? (props.renderEditor?.({
          row: rows[active.row],
          column: columns[active.column],
          close: closeEditor,
        }) ?? null)
      : null;
  const allSelected = rows.length > 0 && rows.every((row) => selection.has(row.id));

  // A grid without rows is no grid to a screen reader: the reason stands in its place.
  if (count === 0) return <div className="grid-void">{props.empty}</div>;
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      className="grid"
      aria-label={props.label}
      aria-multiselectable="true"
      aria-rowcount={(props.total ?? rows.length) + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={focused && rows.length > 0 ? `${gridId}-active` : undefined}
      aria-busy={props.loading}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      }}
      onPaste={(event) => {
        if (event.target !== event.currentTarget || !props.onPaste) return;
        const block = parseBlock(event.clipboardData.getData('text/plain'));
        if (block.length > 0) {
          event.preventDefault();
          props.onPaste(block, active);
        }
      }}
    >
      <div role="rowgroup" className="grid-top" style={{ minWidth: width }}>
        <GridHead
          columns={columns}
          template={template}
          sort={props.sort}
          allSelected={allSelected}
          someSelected={selection.size > 0}
          onSort={props.onSort}
          onResize={props.onResize}
          onMove={props.onMove}
          onSelectAll={(all) =>
            props.onSelection(all ? new Set(rows.map((row) => row.id)) : new Set())
          }
        />
      </div>
      <div
        role="rowgroup"
        className="grid-body"
        style={{ height: virtual.getTotalSize(), minWidth: width }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) {
            return (
              <SkeletonRow
                key={`bone-${item.index}`}
                index={item.index}
                top={item.start}
                template={template}
                columns={columns.length}
              />
            );
          }
          const isActive = focused && item.index === active.row;
          return (
            <GridRow
              key={row.id}
              gridId={gridId}
              row={row}
              index={item.index}
              top={item.start}
              template={template}
              columns={columns}
              selected={selection.has(row.id)}
              open={row.id === props.openId}
              active={isActive ? active.column : -1}
              editor={isActive ? editor : null}
              selectLabel={t('grid.select_row', { name: props.rowLabel(row) })}
              handlers={handlers}
            />
          );
        })}
      </div>
    </div>
  );
}
