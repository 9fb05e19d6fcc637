import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import {
  draggable,
  dropTargetForElements,
} from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { GripVertical } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';

/**
 * Rows in an order that people set: dragged by the handle, or moved with the arrow keys while the
 * handle has the focus. Rows live in a table body; the first cell is the handle.
 */
export interface SortableProps<Item> {
  /** Tells this list from others on the same page. */
  name: string;
  items: readonly Item[];
  keyOf: (item: Item) => string | number;
  /** Words for the handle of one row. */
  handleLabel: (item: Item) => string;
  /** Rows that stay where they are have no handle. */
  fixed?: (item: Item) => boolean;
  disabled?: boolean;
  onMove: (from: number, to: number) => void;
  children: (item: Item, index: number) => ReactNode;
}

export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const next = items.slice();
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

function Row({
  name,
  index,
  handle,
  locked,
  label,
  last,
  onMove,
  children,
}: {
  name: string;
  index: number;
  handle: boolean;
  locked: boolean;
  label: string;
  last: number;
  onMove: (from: number, to: number) => void;
  children: ReactNode;
}) {
  const row = useRef<HTMLTableRowElement>(null);
  const grip = useRef<HTMLButtonElement>(null);
  const [edge, setEdge] = useState<'above' | 'below' | null>(null);
  const latest = useRef(onMove);
  latest.current = onMove;
  useEffect(() => {
    const element = row.current;
    if (!element || locked) return;
    const from = (data: Record<string | symbol, unknown>) =>
      data.list === name ? (data.index as number) : null;
    return combine(
      ...(grip.current
        ? [
            draggable({
              element,
              dragHandle: grip.current,
              getInitialData: () => ({ list: name, index }),
            }),
          ]
        : []),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => {
          const at = from(source.data);
          return at !== null && at !== index;
        },
        onDragEnter: ({ source }) => {
          const at = from(source.data);
          setEdge(at === null ? null : at < index ? 'below' : 'above');
        },
        onDragLeave: () => setEdge(null),
        onDrop: ({ source }) => {
          setEdge(null);
          const at = from(source.data);
          if (at !== null) latest.current(at, index);
        },
      }),
    );
  }, [name, index, locked]);
  return (
    <tr ref={row} data-edge={edge ?? undefined}>
      <td className="sortable-cell">
        {handle && (
          <button
            ref={grip}
            type="button"
            className="sortable-handle"
            aria-label={label}
            title={label}
            onKeyDown={(event) => {
              const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
              const to = index + step;
              if (step === 0 || to < 0 || to > last) return;
              event.preventDefault();
              onMove(index, to);
            }}
          >
            <GripVertical size={15} aria-hidden="true" />
          </button>
        )}
      </td>
      {children}
    </tr>
  );
}

export function SortableRows<Item>({
  name,
  items,
  keyOf,
  handleLabel,
  fixed = () => false,
  disabled = false,
  onMove,
  children,
}: SortableProps<Item>) {
  const movable = items.filter((item) => !fixed(item)).length;
  return (
    <tbody>
      {items.map((item, index) => (
        <Row
          key={keyOf(item)}
          name={name}
          index={index}
          handle={!disabled && !fixed(item)}
          locked={disabled || fixed(item)}
          label={handleLabel(item)}
          last={movable - 1}
          onMove={onMove}
        >
          {children(item, index)}
        </Row>
      ))}
    </tbody>
  );
}
