import { afterEach, expect, test, vi } from 'vitest';
import { get, setCsrfToken, setSessionLostListener } from './client';

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
