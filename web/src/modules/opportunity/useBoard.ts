import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { get } from '@/api/client';
import { rowFields } from '@/api/records';
import type { BoardAnswer, BoardColumn, ObjectMeta, RecordData } from '@/api/types';
import type { ListSearch } from '@/record/list/listState';

/** What a card shows and what moving it looks at. */
const cardFields = [
  'account_id',
  'stage_id',
  'stagnant_since',
  'amount',
  'level',
  'expected_close_date',
  'last_activity_at',
];

/** A column with all cards that have been asked for so far. */
export interface LongColumn extends BoardColumn {
  isLoading: boolean;
  isFailed: boolean;
}

/** The question to the server, as the address of the page puts it. */
export function boardQuestion(object: ObjectMeta, search: ListSearch): URLSearchParams {
  const parameters = new URLSearchParams({
    owner: search.owner ?? 'all',
    $select: rowFields(object, cardFields).join(','),
  });
  if (search.pipeline !== undefined) parameters.set('pipeline_id', String(search.pipeline));
  if (search.filter) parameters.set('$filter', search.filter);
  if (search.q) parameters.set('$search', search.q);
  return parameters;
}

const ask = (parameters: URLSearchParams, signal: AbortSignal) =>
  get<BoardAnswer>(`/opportunities/board?${parameters}`, { signal });

/**
 * The columns of the board with their first cards, and `more` for the further ones of a column. Those are asked for anew
 * when the first ones have changed, so that no card falls between two answers.
 */
export function useBoard(object: ObjectMeta, search: ListSearch) {
  const client = useQueryClient();
  const parameters = boardQuestion(object, search);
  const question = parameters.toString();
  const query = useQuery({
    queryKey: ['board', question],
    queryFn: ({ signal }) => ask(parameters, signal),
    placeholderData: keepPreviousData,
  });
  const [asked, setAsked] = useState<{ question: string; pages: Record<number, number> }>({
    question,
    pages: {},
  });
  const pages = asked.question === question ? asked.pages : {};
  const first = query.data?.columns ?? [];
  const long = first.filter(({ stage, next }) => next !== null && pages[stage.id] > 0);
  const further = useQueries({
    queries: long.map((column) => {
      const { stage } = column;
      const keyOf = (page: number) => ['board', question, stage.id, column.next, page];
      const wanted = pages[stage.id];
      return {
        queryKey: keyOf(wanted),
        queryFn: async ({ signal }: { signal: AbortSignal }): Promise<BoardAnswer> => {
          const before = client.getQueryState<BoardAnswer>(keyOf(wanted - 1));
          const known = before?.isInvalidated ? undefined : before?.data?.columns[0];
          let { cards, next } = known ?? { cards: [] as RecordData[], next: column.next };
          for (let page = known ? wanted : 1; page <= wanted && next !== null; page++) {
            const one = new URLSearchParams(parameters);
            one.set('stage_id', String(stage.id));
            one.set('after', next);
            const [part] = (await ask(one, signal)).columns;
            cards = [...cards, ...(part?.cards ?? [])];
            next = part?.next ?? null;
          }
          return {
            pipeline: query.data?.pipeline ?? { id: 0, name: '' },
            columns: [{ ...column, cards, next }],
          };
        },
      };
    }),
  });
  // What was there stays until its successor has come.
  const shown = useRef(new Map<string, BoardColumn>());
  const columns = first.map((column): LongColumn => {
    const state = further[long.indexOf(column)];
    const kept = `${question} ${column.stage.id}`;
    if (state?.data) shown.current.set(kept, state.data.columns[0]);
    const rest = state ? shown.current.get(kept) : undefined;
    const seen = new Set(column.cards.map(({ id }) => id));
    return {
      ...column,
      cards: [...column.cards, ...(rest?.cards.filter(({ id }) => !seen.has(id)) ?? [])],
      next: rest ? rest.next : column.next,
      isLoading: state?.isFetching ?? false,
      isFailed: state?.isError ?? false,
    };
  });
  const more = (column: LongColumn) => {
    if (column.isLoading || column.next === null) return;
    const { id } = column.stage;
    if (column.isFailed) {
      void further[long.findIndex(({ stage }) => stage.id === id)]?.refetch();
    } else setAsked({ question, pages: { ...pages, [id]: (pages[id] ?? 0) + 1 } });
  };
  return { query, columns, more };
}
