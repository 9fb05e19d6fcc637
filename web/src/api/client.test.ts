import i18next from 'i18next';
import { afterEach, expect, test, vi } from 'vitest';
import en from '../locales/en';
import zhCN from '../locales/zh-CN';
import { get, setCsrfToken, setSessionLostListener } from './client';
import { OfflineError } from './problem';

// Answers come when the test says so: which of two comes first is what matters here.
function heldAnswers(): ((status: number) => void)[] {
  const waiting: ((status: number) => void)[] = [];
  vi.stubGlobal(
    'fetch',
    () =>
      new Promise<Response>((resolve) => {
        waiting.push((status) => resolve(new Response('{}', { status })));
      }),
  );
  return waiting;
}

afterEach(() => vi.unstubAllGlobals());

test('a refusal of the session that is over says nothing about the one after it', async () => {
  let lost = 0;
  setSessionLostListener(() => {
    lost += 1;
  });
  const answers = heldAnswers();
  setCsrfToken('first');
  const early = get('/leads').catch((error) => error.status);
  const late = get('/accounts').catch((error) => error.status);
  answers[0]?.(401);
  expect(await early).toBe(401);
  expect(lost).toBe(1);
  setCsrfToken('second'); // signed in again
  answers[1]?.(401);
  expect(await late).toBe(401);
  expect(lost).toBe(1);
  const next = get('/leads').catch((error) => error.status);
  answers[2]?.(401);
  expect(await next).toBe(401);
  expect(lost).toBe(2);
});

test.each([
  ['zh-CN', zhCN],
  ['en', en],
])(
  'a request that reached nobody says so in %s, wherever its message is shown',
  async (language, texts) => {
    await i18next.init({ lng: language, resources: { [language]: { translation: texts } } });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    const failure = await get('/leads').catch((error: Error) => error);
    expect(failure).toBeInstanceOf(OfflineError);
    expect((failure as Error).message).toBe((texts.error as Record<string, string>).offline);
  },
);
