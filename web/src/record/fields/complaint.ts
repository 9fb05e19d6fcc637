import type { FieldMeta } from '@/api/types';
import type { UnreadableKey } from './kind';
import { kindOf } from './registry';

/** What is wrong with a value before anybody else is asked: a text and what belongs into it. */
export interface Complaint {
  key: UnreadableKey | 'field.too_long';
  limit?: number;
}

/**
 * What a field cannot take. Inputs hand on what they cannot read as it was typed, so that nothing
 * that somebody typed disappears; here is what to say about it.
 */
export function complaintAbout(field: FieldMeta, value: unknown): Complaint | null {
  if (typeof value !== 'string' || value === '') return null;
  const { unreadable } = kindOf(field);
  if (unreadable) {
    const key = unreadable(value);
    return key ? { key } : null;
  }
  // The server counts characters, not what they take in memory.
  if (field.max_length && value.length > field.max_length) {
    const length = [...value].length;
    if (length > field.max_length) return { key: 'field.too_long', limit: field.max_length };
  }
  return null;
}
