import { useSyncExternalStore } from 'react';
import type { ObjectMeta, ViewMeta } from '@/api/types';
import type { GridSort } from '@/ui/grid/types';

/** What the address of a list says: sharing the address shares the list. */
export interface ListSearch {
  view?: string;
  /** One pool of the pool view. */
  pool?: number;
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
    view: text(raw.view),
    pool: whole(raw.pool),
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

export interface ListView extends ViewMeta {
  /** What lies in a pool and can be claimed. */
  pool: boolean;
}

/**
 * The views of an object. There is always one of everything, and for objects that are kept in pools
 * one of the pool; an empty label means that the screen has its own word for it.
 */
export function viewsOf(object: ObjectMeta): ListView[] {
  const views: ListView[] = object.views.map((view) => ({
    ...view,
    pool: Boolean(object.pooled) && view.name === 'pool',
  }));
  if (!views.some((view) => view.name === 'all')) {
    views.unshift({ name: 'all', label: '', pool: false });
  }
  if (object.pooled && !views.some((view) => view.pool)) {
    views.push({ name: 'pool', label: '', filter: 'pool_id ne null', pool: true });
  }
  return views;
}

/** The view that the address names, else the first. */
export function viewOf(object: ObjectMeta, search: ListSearch): ListView {
  const views = viewsOf(object);
  return views.find((view) => view.name === search.view) ?? views[0];
}

export function parseOrder(orderby: string | undefined): GridSort | null {
  const match = /^\s*(\w+)(?:\s+(asc|desc))?/.exec(orderby ?? '');
  return match ? { key: match[1], descending: match[2] === 'desc' } : null;
}

export function writeOrder(sort: GridSort): string {
  return sort.descending ? `${sort.key} desc` : sort.key;
}

export interface KeptLayout {
  columns?: string[];
  widths?: Record<string, number>;
}

const keptKey = (object: string) => `kehai.columns.${object}`;
const layouts = new Map<string, KeptLayout>();
const listeners = new Set<() => void>();

function readLayout(object: string): KeptLayout {
  let layout = layouts.get(object);
  if (!layout) {
    try {
      layout = JSON.parse(localStorage.getItem(keptKey(object)) ?? '{}') as KeptLayout;
    } catch {
      layout = {};
    }
    layouts.set(object, layout);
  }
  return layout;
}

export function writeLayout(object: string, change: KeptLayout): void {
  const layout = { ...readLayout(object), ...change };
  layouts.set(object, layout);
  try {
    localStorage.setItem(keptKey(object), JSON.stringify(layout));
  } catch {
    // Without storage the choice lasts as long as the page does.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How this browser shows the list of an object: its own columns and their widths. */
export function useLayout(object: string): KeptLayout {
  return useSyncExternalStore(subscribe, () => readLayout(object));
}

/** The columns to show: those of the address, else of the view, else the last choice, else the default. */
export function columnsOf(object: ObjectMeta, search: ListSearch, layout: KeptLayout): string[] {
  const known = new Set(object.fields.map((field) => field.name));
  const view = viewOf(object, search);
  const wanted = search.cols?.split(',') ?? view.columns ?? layout.columns ?? object.list.columns;
  const chosen = Boolean(search.cols ?? view.columns);
  const columns = wanted
    // Nobody owns what lies in a pool: which pool it is says more.
    .map((name) => (view.pool && !chosen && name === 'owner_id' ? 'pool_id' : name))
    .filter((name) => known.has(name));
  if (!columns.includes(object.title_field)) columns.unshift(object.title_field);
  return columns;
}
