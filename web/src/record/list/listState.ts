import type { ObjectMeta, ViewMeta } from '@/api/types';
import type { GridSort } from '@/ui/grid/types';

/** What the address of a list says: sharing the address shares the list. */
export interface ListSearch {
  tab?: 'pool';
  view?: string;
  filter?: string;
  q?: string;
  sort?: string;
  cols?: string;
  /** The record that is open beside the list. */
  id?: number;
  mode?: 'board' | 'list';
  pipeline?: number;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const whole = (value: unknown): number | undefined =>
  Number.isInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined;

export function readListSearch(raw: Record<string, unknown>): ListSearch {
  const search: ListSearch = {
    tab: raw.tab === 'pool' ? 'pool' : undefined,
    view: text(raw.view),
    filter: text(raw.filter),
    q: raw.q === undefined ? undefined : text(String(raw.q)),
    sort: text(raw.sort),
    cols: text(raw.cols),
    id: whole(raw.id),
    mode: raw.mode === 'board' || raw.mode === 'list' ? raw.mode : undefined,
    pipeline: whole(raw.pipeline),
  };
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined),
  ) as ListSearch;
}

export function viewOf(object: ObjectMeta, search: ListSearch): ViewMeta | undefined {
  return object.views.find((view) => view.name === search.view);
}

export function parseOrder(orderby: string | undefined): GridSort | null {
  const match = /^\s*(\w+)(?:\s+(asc|desc))?/.exec(orderby ?? '');
  return match ? { key: match[1], descending: match[2] === 'desc' } : null;
}

export function writeOrder(sort: GridSort): string {
  return sort.descending ? `${sort.key} desc` : sort.key;
}

interface KeptLayout {
  columns?: string[];
  widths?: Record<string, number>;
}

const keptKey = (object: string) => `kehai.columns.${object}`;

export function readLayout(object: string): KeptLayout {
  try {
    return JSON.parse(localStorage.getItem(keptKey(object)) ?? '{}') as KeptLayout;
  } catch {
    return {};
  }
}

export function writeLayout(object: string, layout: KeptLayout): void {
  try {
    localStorage.setItem(keptKey(object), JSON.stringify({ ...readLayout(object), ...layout }));
  } catch {
    // Without storage the choice lasts as long as the address does.
  }
}

/** The columns to show: those of the address, else of the view, else the last choice, else the default. */
export function columnsOf(object: ObjectMeta, search: ListSearch): string[] {
  const known = new Set(object.fields.map((field) => field.name));
  const wanted =
    search.cols?.split(',') ??
    viewOf(object, search)?.columns ??
    readLayout(object.name).columns ??
    object.list.columns;
  const chosen = Boolean(search.cols);
  const columns = wanted
    // Nobody owns what lies in a pool: which pool it is says more.
    .map((name) => (search.tab === 'pool' && !chosen && name === 'owner_id' ? 'pool_id' : name))
    .filter((name) => known.has(name));
  if (!columns.includes(object.title_field)) columns.unshift(object.title_field);
  return columns;
}
