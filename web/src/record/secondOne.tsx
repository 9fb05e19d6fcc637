import { lazy } from 'react';
import { isProblem } from '@/api/problem';
import type { DuplicateAnswer } from '@/api/types';
import { makeQuestion } from './question';

const SecondOneDialog = lazy(() => import('./SecondOneDialog'));

/** What was saved is likely to be there already: it goes on with a reason only. */
export interface SecondOneQuestion {
  answer: DuplicateAnswer;
  /** The same once more, with the reason. */
  again: (reason: string) => Promise<void>;
}

const { ask: askWhySecond, Host: SecondOneHost } = makeQuestion<SecondOneQuestion>(SecondOneDialog);

export { askWhySecond, SecondOneHost };

/** Asks for the reason when that is all that is missing. */
export function askedWhy(error: unknown, again: SecondOneQuestion['again']): boolean {
  if (!isProblem(error, 'duplicate.needs_reason')) return false;
  askWhySecond({ answer: { verdict: 'warn', hits: error.hits }, again });
  return true;
}
