import { lazy, Suspense, useSyncExternalStore } from 'react';
import { isProblem } from '@/api/problem';
import type { DuplicateAnswer } from '@/api/types';

const SecondOneDialog = lazy(() => import('./SecondOneDialog'));

/** What was saved is likely to be there already: it goes on with a reason only. */
export interface SecondOneQuestion {
  answer: DuplicateAnswer;
  /** The same once more, with the reason. */
  again: (reason: string) => Promise<void>;
}

let question: SecondOneQuestion | null = null;
const listeners = new Set<() => void>();

export function askWhySecond(next: SecondOneQuestion | null): void {
  question = next;
  for (const listener of listeners) listener();
}

/** Asks for the reason when that is all that is missing. */
export function askedWhy(error: unknown, again: SecondOneQuestion['again']): boolean {
  if (!isProblem(error, 'duplicate.needs_reason')) return false;
  askWhySecond({ answer: { verdict: 'warn', hits: error.hits }, again });
  return true;
}

export function SecondOneHost() {
  const open = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => question,
  );
  return open ? (
    <Suspense fallback={null}>
      <SecondOneDialog question={open} />
    </Suspense>
  ) : null;
}
