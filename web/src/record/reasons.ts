/**
 * Refusals that a reason lifts: the code of the refusal, and the input of the request that the
 * reason goes into.
 */
const reasonInputs: Readonly<Record<string, string>> = {
  'duplicate.needs_reason': 'duplicate_reason',
};

/** The input for the reason, or undefined when no reason helps. */
export function reasonInput(code: string): string | undefined {
  return Object.hasOwn(reasonInputs, code) ? reasonInputs[code] : undefined;
}
