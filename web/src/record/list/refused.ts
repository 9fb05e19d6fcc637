import { useCallback, useSyncExternalStore } from 'react';

/** What somebody typed into a field and the server, or the field itself, did not take. */
export interface Refused {
  value: unknown;
  /** The text of a chosen record. */
  display?: string;
  /** Why, with the name of the field; null: nobody was asked yet, the editor was taken away. */
  message: string | null;
}

/**
 * Refused values outlive their editors: somebody who clicks elsewhere, scrolls on or looks at
 * another list finds what was typed where it was typed. They live as long as the page does.
 */
let kept: ReadonlyMap<string, Refused> = new Map();
const listeners = new Set<() => void>();

const keyOf = (collection: string, id: number, field: string) => `${collection}/${id}/${field}`;

export function keepRefused(
  collection: string,
  id: number,
  field: string,
  refused: Refused | null,
): void {
  const key = keyOf(collection, id, field);
  if (refused === null && !kept.has(key)) return;
  const next = new Map(kept);
  if (refused === null) next.delete(key);
  else next.set(key, refused);
  kept = next;
  for (const listener of listeners) listener();
}

/** Another person must not find what this one typed. */
export function forgetAllRefused(): void {
  kept = new Map();
  for (const listener of listeners) listener();
}

export function refusedOf(collection: string, id: number, field: string): Refused | undefined {
  return kept.get(keyOf(collection, id, field));
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Asks for the refused value of a field; the component is drawn anew when one comes or goes. */
export function useRefused(): typeof refusedOf {
  const all = useSyncExternalStore(subscribe, () => kept);
  return useCallback((collection, id, field) => all.get(keyOf(collection, id, field)), [all]);
}
