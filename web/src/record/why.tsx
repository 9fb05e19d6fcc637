import { lazy } from 'react';
import { isProblem, type Problem } from '@/api/problem';
import { makeQuestion } from './question';

const WhyDialog = lazy(() => import('./WhyDialog'));

/** Reasons as the server takes them: by the member of the body that carries each. */
export type Reasons = Record<string, string>;

/** Something goes on with a reason only: a second one of what is there already, one more than fits. */
export interface WhyQuestion {
  problem: Problem;
  /** Reasons that were given before this one was asked for. */
  given: Reasons;
  /** The same once more, with the reasons. */
  again: (reasons: Reasons) => Promise<unknown>;
}

const { ask, close, Host: WhyHost } = makeQuestion<WhyQuestion>(WhyDialog);

export { close as closeWhy, WhyHost };

/** Asks for the reason when that is all that is missing. */
export function askedWhy(
  error: unknown,
  again: WhyQuestion['again'],
  given: Reasons = {},
): error is Problem {
  if (!isProblem(error) || error.reasonField === null || error.reasonField in given) return false;
  ask({ problem: error, given, again });
  return true;
}
