import type { FieldMeta, RecordData } from '@/api/types';
import type { Viewer } from '@/record/context';

export const decisions = ['kept', 'transferred', 'shared'] as const;
export type Decision = (typeof decisions)[number];

export const halfEach = 50;

function isDecision(value: unknown): value is Decision {
  return decisions.includes(value as Decision);
}

const instant = (value: unknown) =>
  typeof value === 'string' && value !== '' ? Date.parse(value) : null;

/** Who followed up first; null when nobody did, both at once, or when it may not be seen. */
export function firstOf(dispute: RecordData): 'claimant' | 'holder' | null {
  const claimant = instant(dispute.claimant_followed_at);
  const holder = instant(dispute.holder_followed_at);
  if (claimant === holder) return null;
  if (claimant === null) return 'holder';
  if (holder === null) return 'claimant';
  return claimant < holder ? 'claimant' : 'holder';
}

/** What is chosen before anybody has thought about it: the proposal, which follows the rule. */
export function proposed(dispute: RecordData): Decision {
  if (isDecision(dispute.proposal)) return dispute.proposal;
  return firstOf(dispute) === 'claimant' ? 'transferred' : 'kept';
}

/** Nobody judges about himself; else it is for the decider, and for administrators in any case. */
export function isForViewer(dispute: RecordData, { me, isAdmin }: Viewer): boolean {
  if (dispute.claimant_id === me) return false;
  return isAdmin || dispute.decider_id === me;
}

const own = new Set(['decision', 'share', 'note']);

/** The inputs of the decision that have no place of their own in the dialog. */
export function otherInputs(inputs: readonly FieldMeta[], decision: Decision): FieldMeta[] {
  return inputs.filter(
    (field) => !own.has(field.name) && (field.required || decision === 'transferred'),
  );
}

/** What goes to the server: a share only where something is shared. */
export function decisionInput(
  decision: Decision,
  share: number,
  note: string,
  others: Record<string, unknown>,
): Record<string, unknown> {
  const filled = Object.entries(others).filter(([, value]) => value !== null && value !== '');
  return {
    ...Object.fromEntries(filled),
    decision,
    note: note.trim(),
    ...(decision === 'shared' ? { share } : {}),
  };
}
