import { lazy, Suspense, useSyncExternalStore } from 'react';
import type { Model } from '@/api/meta';
import type { Problem } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import type { Save } from './useSave';

const ConflictDialog = lazy(() => import('./ConflictDialog'));

/** Somebody else saved the record in between: both values are shown and one is chosen. */
export interface ConflictQuestion {
  object: ObjectMeta;
  model: Model;
  record: RecordData;
  change: Record<string, unknown>;
  displays: Record<string, string | undefined>;
  problem: Problem;
  save: Save;
}

let question: ConflictQuestion | null = null;
const listeners = new Set<() => void>();

export function askConflict(next: ConflictQuestion | null): void {
  question = next;
  for (const listener of listeners) listener();
}

export function ConflictHost() {
  const open = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => question,
  );
  return open ? (
    <Suspense fallback={null}>
      <ConflictDialog question={open} />
    </Suspense>
  ) : null;
}
