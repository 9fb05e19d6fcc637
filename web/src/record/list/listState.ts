import { useSyncExternalStore } from 'react';
import { writePreference } from '@/api/session';
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
  /** What the board shows: one pipeline, only the own records, the columns of what is decided. */
  pipeline?: number;
  owner?: 'me';
  closed?: 'yes';
  /** The dialog to export the list is open. */
  export?: 'yes';
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
    owner: raw.owner === 'me' ? 'me' : undefined,
    closed: raw.closed === 'yes' ? 'yes' : undefined,
    export: raw.export === 'yes' ? 'yes' : undefined,
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

/** The order after one more press on a field: up, down, none of its own. */
export function nextSort(sort: GridSort | null, key: string): string | undefined {
  if (sort?.key !== key) return writeOrder({ key, descending: false });
  return sort.descending ? undefined : writeOrder({ key, descending: true });
}

export interface KeptLayout {
  columns?: string[];
  widths?: Record<string, number>;
  /** The server does not know of it yet: the page was left, or there was no connection. */
  unsaved?: boolean;
}

// The browser keeps a copy, so that the next visit starts with the right columns.
const prefix = 'kehai.columns.';
const layouts = new Map<string, KeptLayout>();
const listeners = new Set<() => void>();
const waiting = new Map<string, number>();
const pauseBeforeSaving = 400;

function readLayout(object: string): KeptLayout {
  let layout = layouts.get(object);
  if (!layout) {
    try {
      layout = JSON.parse(localStorage.getItem(prefix + object) ?? '{}') as KeptLayout;
    } catch {
      layout = {};
    }
    layouts.set(object, layout);
  }
  return layout;
}

function keepLayout(object: string, layout: KeptLayout): void {
  layouts.set(object, layout);
  try {
    localStorage.setItem(prefix + object, JSON.stringify(layout));
  } catch {
    // Without storage the choice lasts as long as the page does.
  }
}

function publish(): void {
  for (const listener of listeners) listener();
}

export function writeLayout(object: string, change: KeptLayout): void {
  keepLayout(object, { ...readLayout(object), ...change, unsaved: true });
  publish();
  saveSoon(object);
}

// A column that is being drawn wider changes many times.
function saveSoon(object: string): void {
  window.clearTimeout(waiting.get(object));
  waiting.set(
    object,
    window.setTimeout(() => {
      waiting.delete(object);
      const { unsaved: _, ...layout } = readLayout(object);
      writePreference(`list.${object}`, layout).then(
        () => {
          if (!waiting.has(object)) keepLayout(object, layout);
        },
        () => {
          // The copy of this browser stays and is sent at the next visit.
        },
      );
    }, pauseBeforeSaving),
  );
}

/** Takes over how the person has set up the lists in any browser. */
export function adoptLayouts(preferences: Record<string, unknown>): void {
  const kept = new Set<string>(layouts.keys());
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) kept.add(key.slice(prefix.length));
    }
  } catch {
    // Nothing is kept where nothing can be.
  }
  for (const name of Object.keys(preferences)) {
    if (name.startsWith('list.')) kept.add(name.slice('list.'.length));
  }
  for (const object of kept) {
    if (readLayout(object).unsaved) saveSoon(object);
    else keepLayout(object, (preferences[`list.${object}`] ?? {}) as KeptLayout);
  }
  publish();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How the person has set up the list of an object: the columns and their widths. */
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
