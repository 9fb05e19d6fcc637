import { OfflineError, Problem } from './problem';

/**
 * The one door to the server. It adds the CSRF token and the language, turns every failure into a
 * `Problem` or an `OfflineError`, and tells its listener when the session has ended.
 */
export interface Answer<T> {
  status: number;
  data: T;
  etag: string | null;
}

export interface RequestOptions {
  body?: unknown;
  etag?: string | null;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** A missing session is an expected answer, not an event to report. */
  quiet?: boolean;
}

const base = '/api/v1';
let csrfToken = '';
let language = 'zh-CN';
let onSessionLost: () => void = () => {};

export function setCsrfToken(token: string): void {
  csrfToken = token;
}
export function setRequestLanguage(next: string): void {
  language = next;
}
export function setSessionLostListener(listener: () => void): void {
  onSessionLost = listener;
}

/** Signing in again gives another token; what was sent before it says nothing about the new session. */
function reportLostSession(sentWith: string): void {
  if (sentWith === csrfToken) onSessionLost();
}

/** Answers of the server carry absolute or rooted links; requests want them under the base. */
function address(path: string): string {
  if (path.startsWith('http')) {
    const url = new URL(path);
    return url.pathname + url.search;
  }
  if (path.startsWith(base)) return path;
  return base + (path.startsWith('/') ? path : `/${path}`);
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const text = await response.text();
  if (text === '') return null;
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export async function send<T>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const sentWith = csrfToken;
  const headers: Record<string, string> = {
    Accept: 'application/json',
    'Accept-Language': language,
  };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken;
  if (options.etag) headers['If-Match'] = options.etag;
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) {
    body = options.body;
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(address(path), {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError();
  }
  const data = await readBody(response);
  if (!response.ok) {
    const problem = new Problem(
      response.status,
      (data ?? {}) as Record<string, unknown>,
      `${response.status} ${response.statusText}`,
    );
    if (problem.status === 401 && !options.quiet) reportLostSession(sentWith);
    throw problem;
  }
  return { status: response.status, data: data as T, etag: response.headers.get('ETag') };
}

/**
 * Sends a form with files. It tells how much has gone out, which `fetch` cannot; `progress` gets a
 * share between 0 and 1.
 */
export function sendForm<T>(
  path: string,
  form: FormData,
  progress: (share: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sentWith = csrfToken;
    const request = new XMLHttpRequest();
    request.open('POST', address(path));
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Accept-Language', language);
    request.setRequestHeader('X-CSRF-Token', csrfToken);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
    };
    request.onerror = () => reject(new OfflineError());
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    request.onload = () => {
      let data: unknown = null;
      try {
        data = JSON.parse(request.responseText);
      } catch {
        // What is not JSON did not come from the server itself; the status tells enough.
      }
      if (request.status < 400) return resolve(data as T);
      if (request.status === 401) reportLostSession(sentWith);
      reject(
        new Problem(
          request.status,
          (data ?? {}) as Record<string, unknown>,
          `${request.status} ${request.statusText}`,
        ),
      );
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

export async function get<T>(path: string, options?: RequestOptions): Promise<T> {
  return (await send<T>('GET', path, options)).data;
}
export async function post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> {
  return (await send<T>('POST', path, { ...options, body: body ?? {} })).data;
}
export async function put<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> {
  return (await send<T>('PUT', path, { ...options, body })).data;
}
export async function patch<T>(path: string, body: unknown, options?: RequestOptions): Promise<T> {
  return (await send<T>('PATCH', path, { ...options, body })).data;
}
export async function remove(path: string, options?: RequestOptions): Promise<void> {
  await send('DELETE', path, options);
}

/** A key that makes the server give the first result again when a POST is repeated. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
