import i18next from 'i18next';
import type { Conflict, DuplicateHit, FieldError, RecordData } from './types';

/** An answer of the server that is not a success; `code` is stable, `title` is in the user's words. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldError[];
  readonly conflicts: Conflict[];
  readonly current: RecordData | null;
  readonly hits: DuplicateHit[];
  /** The member of the body whose reason would make the same request go through; null: none would. */
  readonly reasonField: string | null;
  readonly requestId: string | null;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>, fallback: string) {
    super(typeof body.title === 'string' && body.title !== '' ? body.title : fallback);
    this.name = 'Problem';
    this.status = status;
    this.body = body;
    this.code = typeof body.code === 'string' ? body.code : `http.${status}`;
    this.fields = Array.isArray(body.fields) ? (body.fields as FieldError[]) : [];
    this.conflicts = Array.isArray(body.conflicts) ? (body.conflicts as Conflict[]) : [];
    this.current = (body.current as RecordData | undefined) ?? null;
    this.hits = Array.isArray(body.hits) ? (body.hits as DuplicateHit[]) : [];
    this.reasonField = typeof body.reason_field === 'string' ? body.reason_field : null;
    this.requestId = typeof body.request_id === 'string' ? body.request_id : null;
  }

  /** The message for one field, or null. */
  fieldMessage(field: string): string | null {
    return this.fields.find((entry) => entry.field === field)?.message ?? null;
  }
}

/** The request never reached the server, or its answer never came back. Who shows it asks for no words of his own. */
export class OfflineError extends Error {
  constructor() {
    super(i18next.t('error.offline'));
    this.name = 'OfflineError';
  }
}

export function isProblem(error: unknown, code?: string): error is Problem {
  return error instanceof Problem && (code === undefined || error.code === code);
}

/** A refusal that also says which field it is about. */
export function withLabel(label: string, message: string): string {
  return message.includes(label) ? message : `${label}: ${message}`;
}
