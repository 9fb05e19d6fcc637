import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { type ReactNode, useEffect, useRef, useState } from 'react';

/**
 * Columns of cards that can be dragged from one to another. What a card shows and what a move means
 * is the caller's; the caller also offers a menu, because not everybody can drag.
 */
export interface BoardColumnView<Card extends { id: number }> {
  key: number;
  label: string;
  head: ReactNode;
  cards: readonly Card[];
  foot?: ReactNode;
  /** The last cards have come into view. */
  onEnd?: () => void;
}

/** So many pixels before the end of a column its next cards are wanted. */
const nearEnd = 300;

export interface BoardProps<Card extends { id: number }> {
  label: string;
  columns: readonly BoardColumnView<Card>[];
  renderCard: (card: Card) => ReactNode;
  onDrop: (card: Card, column: number) => void;
  draggable: boolean;
  openId: number | null;
}

function CardBox<Card extends { id: number }>({
  card,
  column,
  enabled,
  open,
  children,
}: {
  card: Card;
  column: number;
  enabled: boolean;
  open: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLLIElement>(null);
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element || !enabled) return;
    return draggable({
      element,
      getInitialData: () => ({ id: card.id, column }),
      onDragStart: () => setDragging(true),
      onDrop: () => setDragging(false),
    });
  }, [card.id, column, enabled]);
  return (
    <li
      ref={ref}
      className="board-card"
      data-drag={dragging || undefined}
      data-open={open || undefined}
    >
      {children}
    </li>
  );
}

function ColumnBox({
  column,
  label,
  children,
}: {
  column: number;
  label: string;
  children: ReactNode;
}) {
  const ref = useRef<HTMLElement>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    return combine(
      dropTargetForElements({
        element,
        getData: () => ({ column }),
        canDrop: ({ source }) => source.data.column !== column,
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: () => setOver(false),
      }),
    );
  }, [column]);
  return (
    <section ref={ref} className="board-column" aria-label={label} data-over={over || undefined}>
      {children}
    </section>
  );
}

export function Board<Card extends { id: number }>({
  label,
  columns,
  renderCard,
  onDrop,
  draggable: enabled,
  openId,
}: BoardProps<Card>) {
  const latest = useRef({ columns, onDrop });
  latest.current = { columns, onDrop };
  useEffect(
    () =>
      monitorForElements({
        onDrop: ({ source, location }) => {
          const target = location.current.dropTargets[0];
          if (!target) return;
          const from = latest.current.columns.find((each) => each.key === source.data.column);
          const card = from?.cards.find((each) => each.id === source.data.id);
          if (card) latest.current.onDrop(card, target.data.column as number);
        },
      }),
    [],
  );
  return (
    <div className="board" role="region" aria-label={label} tabIndex={0}>
      {columns.map((column) => (
        <ColumnBox key={column.key} column={column.key} label={column.label}>
          <div className="board-head">{column.head}</div>
          <ul
            className="board-cards"
            tabIndex={0}
            aria-label={column.label}
            onScroll={({ currentTarget: list }) => {
              const left = list.scrollHeight - list.scrollTop - list.clientHeight;
              if (left < nearEnd) column.onEnd?.();
            }}
          >
            {column.cards.map((card) => (
              <CardBox
                key={card.id}
                card={card}
                column={column.key}
                enabled={enabled}
                open={card.id === openId}
              >
                {renderCard(card)}
              </CardBox>
            ))}
          </ul>
          {column.foot}
        </ColumnBox>
      ))}
    </div>
  );
}
