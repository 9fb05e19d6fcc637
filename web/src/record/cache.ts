import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { BoardAnswer, Page, RecordData } from '@/api/types';

/**
 * The copies of a record that are on screen: in lists, on the board and on its page. A change is
 * written into all of them at once so that no part of the screen lags behind another.
 */
export function patchCaches(
  client: QueryClient,
  collection: string,
  id: number,
  change: Partial<RecordData>,
): void {
  client.setQueriesData<InfiniteData<Page>>({ queryKey: ['list', collection] }, (data) => {
    if (!data) return data;
    let touched = false;
    const pages = data.pages.map((page) => {
      const at = page.value.findIndex((row) => row.id === id);
      if (at < 0) return page;
      touched = true;
      const value = page.value.slice();
      value[at] = { ...value[at], ...change };
      return { ...page, value };
    });
    return touched ? { ...data, pages } : data;
  });
  client.setQueryData<RecordData>(['record', collection, id], (record) =>
    record ? { ...record, ...change } : record,
  );
  if (collection === 'opportunities') {
    patchBoards(client, id, change);
  }
}

/** The first cards of all columns and the further ones of one column are parts of one board: its key begins them. */
function patchBoards(client: QueryClient, id: number, change: Partial<RecordData>): void {
  const boards = new Map<string, { key: readonly unknown[]; card: RecordData }>();
  for (const [key, part] of client.getQueriesData<BoardAnswer>({ queryKey: ['board'] })) {
    const card = part?.columns.flatMap(({ cards }) => cards).find((each) => each.id === id);
    const board = key.slice(0, 2);
    if (card) boards.set(JSON.stringify(board), { key: board, card });
  }
  for (const { key, card } of boards.values()) {
    client.setQueriesData<BoardAnswer>({ queryKey: key }, (part) =>
      part ? patchBoard(part, card, change) : part,
    );
  }
}

/** On the board a change of the stage is a move to another column; the sums follow. */
export function patchBoard(
  board: BoardAnswer,
  card: RecordData,
  change: Partial<RecordData>,
): BoardAnswer {
  const { id } = card;
  const holds = board.columns.find((column) => column.cards.some((each) => each.id === id));
  const from = holds ?? board.columns.find((column) => column.stage.id === card.stage_id);
  if (!from) return board;
  const changed: RecordData = { ...card, ...change, id };
  const target = typeof change.stage_id === 'number' ? change.stage_id : from.stage.id;
  const amountOf = (record: RecordData) => (typeof record.amount === 'number' ? record.amount : 0);
  return {
    ...board,
    columns: board.columns.map((column) => {
      if (column.stage.id === from.stage.id && target === from.stage.id) {
        return { ...column, cards: column.cards.map((each) => (each.id === id ? changed : each)) };
      }
      if (column.stage.id === from.stage.id) {
        return {
          ...column,
          count: column.count - 1,
          amount: column.amount === null ? null : column.amount - amountOf(card),
          cards: column.cards.filter((each) => each.id !== id),
        };
      }
      if (column.stage.id === target) {
        return {
          ...column,
          count: column.count + 1,
          amount: column.amount === null ? null : column.amount + amountOf(changed),
          cards: [changed, ...column.cards],
        };
      }
      return column;
    }),
  };
}

/** The newest version of a record that this tab has seen. */
export function knownEtag(client: QueryClient, collection: string, id: number): string | undefined {
  let best: string | undefined;
  let version = -1;
  const consider = (record: RecordData | undefined) => {
    const etag = record?.['@odata.etag'];
    const seen = versionOf(etag);
    if (etag && seen > version) {
      best = etag;
      version = seen;
    }
  };
  consider(client.getQueryData<RecordData>(['record', collection, id]));
  for (const [, data] of client.getQueriesData<InfiniteData<Page>>({
    queryKey: ['list', collection],
  })) {
    for (const page of data?.pages ?? []) consider(page.value.find((row) => row.id === id));
  }
  return best;
}

export function versionOf(etag: string | undefined): number {
  const match = /"(\d+)"/.exec(etag ?? '');
  return match ? Number(match[1]) : -1;
}

export function refreshLists(client: QueryClient, collection: string): void {
  // The same records as the settings list them.
  for (const key of ['list', 'settings']) {
    void client.invalidateQueries({ queryKey: [key, collection] });
  }
  void client.invalidateQueries({ queryKey: ['workbench'] });
  if (collection === 'opportunities') void client.invalidateQueries({ queryKey: ['board'] });
}

export function refreshRecord(client: QueryClient, collection: string, id: number): void {
  void client.invalidateQueries({ queryKey: ['record', collection, id] });
  void client.invalidateQueries({ queryKey: ['timeline', collection, id] });
  void client.invalidateQueries({ queryKey: ['members', collection, id] });
}
