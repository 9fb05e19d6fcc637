import { get, newIdempotencyKey, patch, post, remove, send } from './client';
import { isReference, type Model, navigationOf } from './meta';
import { Problem } from './problem';
import type { BulkResult, ObjectMeta, Page, RecordData, TimelineEntry } from './types';

export interface ListRequest {
  filter?: string;
  search?: string;
  orderby?: string;
  columns: string[];
  top?: number;
  deleted?: boolean;
}

/** Joins conditions with `and`, putting each that needs it into parentheses. */
export function allOf(...conditions: (string | null | undefined)[]): string | undefined {
  const present = conditions.filter((c): c is string => Boolean(c && c.trim() !== ''));
  if (present.length === 0) return undefined;
  if (present.length === 1) return present[0];
  return present.map((c) => (/\sor\s/i.test(c) ? `(${c})` : c)).join(' and ');
}

function expansion(model: Model, object: ObjectMeta, columns: readonly string[]): string {
  const parts: string[] = [];
  for (const name of columns) {
    const field = object.fields.find((candidate) => candidate.name === name);
    if (field && isReference(field) && !field.multiple) {
      parts.push(`${navigationOf(name)}($select=${model.targetTitle(field)})`);
    }
  }
  return parts.join(',');
}

/** These columns and what every row needs, as far as the reader has them. */
export function rowFields(object: ObjectMeta, columns: readonly string[]): string[] {
  const always = ['id', object.title_field, 'status', 'owner_id', 'pool_id', 'currency'];
  return [...new Set([...always, ...columns])].filter(
    (name) => name === 'id' || object.fields.some((field) => field.name === name),
  );
}

export function listPath(model: Model, object: ObjectMeta, request: ListRequest): string {
  const known = rowFields(object, request.columns);
  const parameters = new URLSearchParams();
  parameters.set('$select', known.join(','));
  const expand = expansion(model, object, known);
  if (expand) parameters.set('$expand', expand);
  if (request.filter) parameters.set('$filter', request.filter);
  if (request.search) parameters.set('$search', request.search);
  if (request.orderby) parameters.set('$orderby', request.orderby);
  parameters.set('$top', String(request.top ?? 100));
  parameters.set('$count', 'true');
  parameters.set('count', 'bounded');
  if (request.deleted) parameters.set('deleted', 'true');
  return `/${object.collection}?${parameters}`;
}

export function fetchPage(path: string, signal?: AbortSignal): Promise<Page> {
  return get<Page>(path, { signal });
}

export function recordPath(model: Model, object: ObjectMeta, id: number): string {
  const expand = expansion(
    model,
    object,
    object.fields.map((field) => field.name),
  );
  const query = expand ? `?${new URLSearchParams({ $expand: expand })}` : '';
  return `/${object.collection}/${id}${query}`;
}

export async function fetchRecord(
  model: Model,
  object: ObjectMeta,
  id: number,
): Promise<RecordData> {
  const answer = await send<RecordData>('GET', recordPath(model, object, id));
  return { ...answer.data, '@odata.etag': answer.data['@odata.etag'] ?? answer.etag ?? undefined };
}

export function createRecord(
  collection: string,
  values: Record<string, unknown>,
  idempotencyKey = newIdempotencyKey(),
): Promise<RecordData> {
  return post<RecordData>(`/${collection}`, values, { idempotencyKey });
}

export async function updateRecord(
  collection: string,
  id: number,
  change: Record<string, unknown>,
  etag: string | undefined,
): Promise<RecordData> {
  const answer = await send<RecordData>('PATCH', `/${collection}/${id}`, {
    body: change,
    etag: etag ?? '*',
  });
  return { ...answer.data, '@odata.etag': answer.data['@odata.etag'] ?? answer.etag ?? undefined };
}

export function deleteRecord(
  collection: string,
  id: number,
  etag: string | undefined,
): Promise<void> {
  return remove(`/${collection}/${id}`, { etag: etag ?? '*' });
}

export function restoreRecord(
  collection: string,
  id: number,
  reasons: Record<string, string> = {},
): Promise<RecordData> {
  return post<RecordData>(`/${collection}/${id}/restore`, reasons);
}

export function runAction(
  collection: string,
  id: number,
  action: string,
  input: Record<string, unknown> = {},
): Promise<RecordData> {
  return post<RecordData>(`/${collection}/${id}/${action}`, input, {
    idempotencyKey: newIdempotencyKey(),
  });
}

export function runBulkAction(
  collection: string,
  ids: number[],
  action: string,
  input: Record<string, unknown> = {},
  idempotencyKey = newIdempotencyKey(),
): Promise<BulkResult> {
  return post<BulkResult>(`/${collection}/${action}`, { ...input, ids }, { idempotencyKey });
}

/** Most requests that one batch takes. */
export const batchSize = 100;

/** The same request about each of at most a hundred records; each answers for itself. Addresses are relative. */
async function batch(
  ids: readonly number[],
  request: (id: number) => { method: string; url: string; headers?: Record<string, string> },
): Promise<BulkResult> {
  const requests = ids.map((id) => ({ id: String(id), ...request(id) }));
  const { responses } = await post<{
    responses: { id: string; status: number; body?: { code?: string; title?: string } }[];
  }>('/$batch', { requests });
  const result: BulkResult = { ok: [], failed: [] };
  for (const { id, status, body } of responses) {
    if (status < 400) result.ok.push(Number(id));
    else {
      const { code = `http.${status}`, title = code } = body ?? {};
      result.failed.push({ id: Number(id), code, message: title });
    }
  }
  return result;
}

export interface RecordChange {
  id: number;
  change: Record<string, unknown>;
  etag: string | undefined;
}

/** What came of one change among many: the record as it is now, or why it was refused. */
export type ChangeAnswer = { id: number } & ({ record: RecordData } | { problem: Problem });

/** Changes at most a hundred records in one request; each answers for itself. */
export async function updateMany(
  collection: string,
  changes: readonly RecordChange[],
): Promise<ChangeAnswer[]> {
  const requests = changes.map(({ id, change, etag }) => ({
    id: String(id),
    method: 'PATCH',
    url: `${collection}/${id}`,
    headers: { 'If-Match': etag ?? '*' },
    body: change,
  }));
  const { responses } = await post<{
    responses: {
      id: string;
      status: number;
      headers?: Record<string, string>;
      body?: Record<string, unknown>;
    }[];
  }>('/$batch', { requests });
  return responses.map(({ id, status, headers, body = {} }) => {
    if (status >= 400) {
      return { id: Number(id), problem: new Problem(status, body, `http.${status}`) };
    }
    const record = { ...body, id: Number(id) } as RecordData;
    const etag = record['@odata.etag'] ?? headers?.etag;
    return { id: Number(id), record: { ...record, '@odata.etag': etag } };
  });
}

export function deleteMany(
  collection: string,
  ids: readonly number[],
  etagOf: (id: number) => string | undefined,
): Promise<BulkResult> {
  return batch(ids, (id) => ({
    method: 'DELETE',
    url: `${collection}/${id}`,
    headers: { 'If-Match': etagOf(id) ?? '*' },
  }));
}

export function restoreMany(collection: string, ids: readonly number[]): Promise<BulkResult> {
  return batch(ids, (id) => ({ method: 'POST', url: `${collection}/${id}/restore` }));
}

export function fetchTimeline(
  collection: string,
  id: number,
  before?: string,
): Promise<{ value: TimelineEntry[]; next: string | null }> {
  const query = before ? `?before=${encodeURIComponent(before)}` : '';
  return get(`/${collection}/${id}/timeline${query}`);
}

export { patch as patchPath };
