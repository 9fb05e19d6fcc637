import { newIdempotencyKey, post } from '@/api/client';
import type { DuplicateHit, ObjectMeta, RecordData } from '@/api/types';
import { titleOf } from '../titles';

/** A record that somebody else holds: one that may be seen, or a ticket for one that may not. */
export interface Foreign {
  object: string;
  object_label: string;
  name: string;
  at: { ticket: string } | { collection: string; id: number };
}

/** What can be done about such a record without being its owner. */
export type ForeignVerb = 'join' | 'arbitrate';

/** Null when the hit gives no way to reach the record. */
export function foreignOf(hit: DuplicateHit, collection: string | undefined): Foreign | null {
  const { object, object_label, name } = hit;
  if (hit.ticket) return { object, object_label, name, at: { ticket: hit.ticket } };
  if (hit.id === null || !collection) return null;
  return { object, object_label, name, at: { collection, id: hit.id } };
}

export function foreignRecord(object: ObjectMeta, record: RecordData): Foreign {
  return {
    object: object.name,
    object_label: object.label,
    name: titleOf(object, record),
    at: { collection: object.collection, id: record.id },
  };
}

/** Under which key the tab keeps what is being written about the record; tickets are new every time. */
export function draftOf({ object, name, at }: Foreign): string {
  return `${object}.${'id' in at ? at.id : name}`;
}

/** Where a request about the record goes, and what it says besides its own input. */
export function addressOf(
  { at }: Foreign,
  verb: ForeignVerb,
): { path: string; given: Record<string, unknown> } {
  if ('ticket' in at) return { path: `/duplicates/${verb}`, given: { ticket: at.ticket } };
  const action = verb === 'join' ? 'ask_to_join' : 'arbitrate';
  return { path: `/${at.collection}/${at.id}/${action}`, given: {} };
}

export async function askAbout(
  foreign: Foreign,
  verb: ForeignVerb,
  input: Record<string, unknown>,
): Promise<void> {
  const { path, given } = addressOf(foreign, verb);
  await post(path, { ...given, ...input }, { idempotencyKey: newIdempotencyKey() });
}
