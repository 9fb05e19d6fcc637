import { get, post, put, sendForm } from '@/api/client';
import type { DuplicateHit } from '@/api/types';

/** The shapes of an import, word for word those of the server. */
export type ImportStatus =
  | 'uploaded'
  | 'validating'
  | 'validated'
  | 'applying'
  | 'done'
  | 'partial'
  | 'failed'
  | 'cancelled';

export interface ImportSettings {
  sheet?: string;
  encoding?: string;
  delimiter?: string;
  header_row?: number;
  /** Null forgets what was chosen. */
  mapping?: Record<string, string | null> | null;
  duplicates?: 'skip' | 'create' | 'attach';
  mode?: 'create' | 'update';
  key?: string;
  owner_id?: number;
  pool_id?: number;
  defaults?: Record<string, unknown>;
  /** References whose missing record is made from its name. */
  create_missing?: string[];
}

export interface Import {
  id: number;
  object: string;
  file_name: string;
  file_size?: number;
  status: ImportStatus;
  progress: { done: number; total: number; rate: number };
  preview?: {
    sheets: string[];
    sheet: string;
    encoding: string;
    delimiter: string;
    header_row: number;
    damaged_bytes?: number;
    columns: { name: string; field: string | null; confidence: number }[];
    rows: string[][];
  };
  /** Objects of which a row may bring a record along, by their reference to the imported one. */
  companions?: { object: string; link: string }[];
  /** References that may make what they name. */
  creatable?: string[];
  settings: ImportSettings;
  counts: {
    rows: number;
    good: number;
    bad: number;
    duplicates: number;
    created: number;
    updated: number;
    skipped: number;
  };
  created_at?: string;
  code?: string;
  message?: string;
}

export interface ImportRow {
  row: number;
  status: 'error' | 'duplicate' | 'good';
  errors: { column: string; field: string; value: string; code: string; message: string }[];
  duplicates: (DuplicateHit & { line?: number })[];
  cells?: string[];
}

/** What people may read out of a file besides the fields of the object. */
export const externalId = 'external_id';

export function isRunning(status: ImportStatus): boolean {
  return status === 'validating' || status === 'applying';
}

export function isOver(status: ImportStatus): boolean {
  return status === 'done' || status === 'partial' || status === 'cancelled';
}

export function readImport(id: number): Promise<Import> {
  return get<Import>(`/imports/${id}`);
}

export function listImports(): Promise<{ value: Import[] }> {
  return get('/imports');
}

/** What the server takes at most, with the rest of the form. */
export const uploadLimit = 119 * 1024 * 1024;

export function upload(
  object: string,
  file: File,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Import> {
  const form = new FormData();
  form.append('object', object);
  form.append('file', file, file.name);
  return sendForm<Import>('/imports', form, progress, signal);
}

export function changeSettings(id: number, change: ImportSettings): Promise<Import> {
  return put<Import>(`/imports/${id}/settings`, change);
}

export function validate(id: number): Promise<Import> {
  return post<Import>(`/imports/${id}/validate`);
}

export function apply(id: number, rows: 'all_or_nothing' | 'good_rows'): Promise<Import> {
  return post<Import>(`/imports/${id}/apply`, { rows });
}

export function cancel(id: number): Promise<Import> {
  return post<Import>(`/imports/${id}/cancel`);
}

/** Takes the created records back, except those that were changed since. */
export function undo(id: number): Promise<Import> {
  return post<Import>(`/imports/${id}/undo`);
}

/** Row, column, value and reason of what was not taken over. */
export function resultHref(id: number): string {
  return `/api/v1/imports/${id}/result`;
}

/** The wrong rows as they stand in the file, to be corrected and imported again. */
export function rejectedHref(id: number): string {
  return `/api/v1/imports/${id}/result?rows=rejected`;
}

export function readRows(
  id: number,
  status: ImportRow['status'],
  after = 0,
): Promise<{ value: ImportRow[]; next?: number | null }> {
  const query = new URLSearchParams({ status });
  if (after > 0) query.set('after', String(after));
  return get(`/imports/${id}/rows?${query}`);
}
