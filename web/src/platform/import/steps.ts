/** The steps of an import, as they stand in the address. */
export const steps = ['file', 'preview', 'mapping', 'check', 'run'] as const;
export type Step = (typeof steps)[number];

export interface ImportSearch {
  object?: string;
  id?: number;
  step?: Step;
}

export function readStep(text: unknown): Step | undefined {
  return steps.find((step) => step === text);
}
