import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
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
import { isComposing, isTyping } from '../keyboard';
import { formatBlock, parseBlock } from './clipboard';
import { GridHead } from './GridHead';
import { FailedRow, GridRow, type RowHandlers, SkeletonRow } from './GridRow';
import { commandOf, type GridCommand } from './keys';
import { useSteadyRows } from './steadyRows';
import {
  fitWidth,
  type GridColumn,
  type GridEditorContext,
  type GridMove,
  type GridPaste,
  type GridSort,
  widthStep,
} from './types';
import { headRow, useActiveCell } from './useActiveCell';

/**
 * A table for many rows: only the visible ones exist, the first column stays in view, cells are
 * walked, edited, copied and pasted with the keyboard. It knows nothing of records; rows have an id
 * and columns say how to draw them. Rows beyond the loaded ones are placeholders until `onEnd` has
 * brought them. The active cell and its editor belong to a row's id: while an editor is open, rows
 * that others change stay where they are.
 */
export interface GridProps<Row extends { id: number }> {
  label: string;
  /** What the rows are about: with another filter or order an open editor has had its time. */
  subject: string;
  columns: readonly GridColumn<Row>[];
  rows: readonly Row[];
  rowLabel: (row: Row) => string;
  loading: boolean;
  hasMore: boolean;
  /** The next rows did not come. */
  failure?: { message: string; retry: () => void } | null;
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
  onPaste?: (paste: GridPaste<Row>) => void;
  rowHeight?: number;
  empty?: ReactNode;
}

const checkWidth = 40;
const placeholderRows = 24;

interface EditedCell {
  id: number;
  key: string;
}

/** Which cell has its editor open; another list has none of it. */
function useEditedCell(subject: string, columns: readonly { key: string }[]) {
  const [editing, setEditing] = useState<EditedCell | null>(null);
  const [of, setOf] = useState(subject);
  const isOver = of !== subject || !columns.some(({ key }) => key === editing?.key);
  if (of !== subject) setOf(subject);
  if (editing && isOver) setEditing(null);
  return { editing: isOver ? null : editing, setEditing };
}

const isSame = (one: EditedCell | null, other: EditedCell) =>
  one !== null && one.id === other.id && one.key === other.key;

export function Grid<Row extends { id: number }>(props: GridProps<Row>) {
  const { columns, selection, failure, rowHeight = 36 } = props;
  const { t } = useTranslation();
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(false);
  const { editing, setEditing } = useEditedCell(props.subject, columns);
  const rows = useSteadyRows(props.rows, editing !== null);
  const { cell, put } = useActiveCell(rows, columns);
  const anchor = useRef<number | undefined>(undefined);
  const latest = useRef({ ...props, rows, editing });
  latest.current = { ...props, rows, editing };

  const waiting = props.loading || props.hasMore ? placeholderRows : 0;
  const count = rows.length + (failure ? 1 : waiting);
  const editedRow = editing ? rows.findIndex(({ id }) => id === editing.id) : -1;
  // An open editor stays when it is scrolled out of sight, and so does what screen readers point at.
  const kept = editedRow >= 0 ? editedRow : focused ? cell.row : headRow;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    rangeExtractor: useCallback(
      (range: Range) => {
        const seen = defaultRangeExtractor(range);
        if (kept < 0 || kept >= range.count || seen.includes(kept)) return seen;
        return [...seen, kept].sort((a, b) => a - b);
      },
      [kept],
    ),
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
    (toRow: number, toColumn: number) => {
      const { rows: all, columns: shown } = latest.current;
      const row = Math.max(headRow, Math.min(all.length - 1, toRow));
      const column = Math.max(0, Math.min(shown.length - 1, toColumn));
      put(row === headRow ? null : all[row], shown[column].key);
      setEditing(null);
      if (row !== headRow) virtual.scrollToIndex(row);
      const box = scroller.current;
      if (box && column > 0) {
        const left = shown.slice(0, column).reduce((sum, each) => sum + each.width, checkWidth);
        const pinned = checkWidth + shown[0].width;
        const right = left + shown[column].width;
        if (left - box.scrollLeft < pinned) box.scrollLeft = left - pinned;
        else if (right - box.scrollLeft > box.clientWidth) {
          box.scrollLeft = right - box.clientWidth;
        }
      }
    },
    [virtual, put, setEditing],
  );

  const toggle = useCallback((index: number, range: boolean) => {
    const { rows: all, selection: before, onSelection } = latest.current;
    const next = new Set(before);
    const row = all[index];
    if (!row) return;
    if (range) {
      const from = Math.max(
        0,
        all.findIndex(({ id }) => id === anchor.current),
      );
      for (const each of all.slice(Math.min(from, index), Math.max(from, index) + 1)) {
        next.add(each.id);
      }
    } else if (next.has(row.id)) next.delete(row.id);
    else next.add(row.id);
    anchor.current = row.id;
    onSelection(next);
  }, []);

  const startEdit = useCallback(
    (index: number, column: number) => {
      const { rows: all, columns: shown, renderEditor } = latest.current;
      const row = all[index];
      if (!renderEditor || !row || !shown[column]?.editable?.(row)) return false;
      put(row, shown[column].key);
      setEditing({ id: row.id, key: shown[column].key });
      return true;
    },
    [put, setEditing],
  );

  const handlers = useMemo<RowHandlers>(
    () => ({
      press: (index: number, column: number, event: MouseEvent) => {
        const target = event.target as HTMLElement;
        const { rows: all, columns: shown, onOpen } = latest.current;
        const row = all[index];
        if (!row) return;
        const pressed = { id: row.id, key: shown[column].key };
        put(row, pressed.key);
        setEditing((before) => (isSame(before, pressed) ? before : null));
        if (!isTyping(target)) scroller.current?.focus({ preventScroll: true });
        if (target.closest('[data-open-record]')) {
          event.preventDefault();
          onOpen(row, event.metaKey || event.ctrlKey);
        } else if (shown[column].refusal?.(row)) startEdit(index, column);
      },
      edit: (index: number, column: number) => {
        startEdit(index, column);
      },
      check: toggle,
    }),
    [put, setEditing, startEdit, toggle],
  );

  /** Closes the editor of one cell; a save that ends late does not touch what came after it. */
  const closeEditor = (of: EditedCell, move?: GridMove) => {
    if (!isSame(latest.current.editing, of)) return;
    setEditing(null);
    if (move === 'away') return;
    scroller.current?.focus({ preventScroll: true });
    const row = latest.current.rows.findIndex(({ id }) => id === of.id);
    const column = latest.current.columns.findIndex(({ key }) => key === of.key);
    if (move === 'down') goTo(row + 1, column);
    else if (move) goTo(row, column + (move === 'right' ? 1 : -1));
  };

  const copy = () => {
    const chosen =
      selection.size > 0
        ? rows
            .filter((row) => selection.has(row.id))
            .map((row) => columns.map((column) => column.text(row)))
        : rows[cell.row]
          ? [[columns[cell.column]?.text(rows[cell.row]) ?? '']]
          : [];
    void navigator.clipboard?.writeText(formatBlock(chosen));
  };

  const resize = (direction: 1 | -1) => {
    const shown = scroller.current?.querySelector<HTMLElement>(
      `.grid-head [aria-colindex="${cell.column + 2}"]`,
    );
    const { key, width: wanted } = columns[cell.column];
    props.onResize(key, fitWidth((shown?.offsetWidth ?? wanted) + direction * widthStep));
  };

  /** False: there is nothing to do, and the key may mean something to others. */
  const run = (command: GridCommand): boolean => {
    switch (command.do) {
      case 'go': {
        goTo(command.row, command.column);
        const row = rows[command.row];
        if (command.walk && props.openId !== null && row) props.onOpen(row, false);
        return true;
      }
      case 'select':
        toggle(cell.row, command.range);
        return true;
      case 'select_all':
        props.onSelection(new Set(rows.map((each) => each.id)));
        return true;
      case 'copy':
        copy();
        return true;
      case 'edit':
        startEdit(cell.row, cell.column);
        return true;
      case 'enter':
        if (cell.column === 0 || !startEdit(cell.row, cell.column)) {
          props.onOpen(rows[cell.row], false);
        }
        return true;
      case 'open_new_tab':
        if (rows[cell.row]) props.onOpen(rows[cell.row], true);
        return true;
      case 'sort':
        if (columns[cell.column].sortable) props.onSort(columns[cell.column].key);
        return true;
      case 'resize':
        resize(command.direction);
        return true;
      case 'clear':
        if (selection.size === 0) return false;
        props.onSelection(new Set());
        return true;
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isComposing(event) || event.target !== event.currentTarget || rows.length === 0) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const place = { ...cell, rows: rows.length, columns: columns.length, page };
    const command = commandOf(event, place);
    if (command && run(command)) event.preventDefault();
  };

  const editedColumn = columns.findIndex(({ key }) => key === editing?.key);
  const editor =
    editing && rows[editedRow] && columns[editedColumn]
      ? (props.renderEditor?.({
          row: rows[editedRow],
          column: columns[editedColumn],
          close: (move) => closeEditor(editing, move),
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
        if (event.target !== event.currentTarget || !props.onPaste || !rows[cell.row]) return;
        const block = parseBlock(event.clipboardData.getData('text/plain'));
        if (block.length > 0) {
          event.preventDefault();
          props.onPaste({
            block,
            rows: rows.slice(cell.row),
            columns: columns.slice(cell.column).map(({ key }) => key),
            firstRow: cell.row + 1,
          });
        }
      }}
    >
      <div role="rowgroup" className="grid-top" style={{ minWidth: width }}>
        <GridHead
          gridId={gridId}
          active={focused && cell.row === headRow ? cell.column : -1}
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
          if (!row && failure) {
            return (
              <FailedRow
                key="failure"
                index={item.index}
                top={item.start}
                columns={columns.length}
                failure={failure}
              />
            );
          }
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
              active={focused && item.index === cell.row ? cell.column : -1}
              edited={item.index === editedRow ? editedColumn : -1}
              editor={item.index === editedRow ? editor : null}
              selectLabel={t('grid.select_row', { name: props.rowLabel(row) })}
              handlers={handlers}
            />
          );
        })}
      </div>
    </div>
  );
}
