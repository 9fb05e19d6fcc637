import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, patch, post, remove, send, setCsrfToken } from './client';
import { isProblem } from './problem';
import type { Session } from './types';

export interface SessionState {
  kind: 'signed_in' | 'signed_out' | 'setup_required';
  /** Present when signed in. */
  session?: Session;
}

function adopt(session: Session): Session {
  setCsrfToken(session.csrf_token);
  return session;
}

async function fetchSession(): Promise<SessionState> {
  try {
    return { kind: 'signed_in', session: adopt(await get<Session>('/session', { quiet: true })) };
  } catch (error) {
    if (isProblem(error) && error.status === 401) {
      return { kind: error.body.setup_required === true ? 'setup_required' : 'signed_out' };
    }
    throw error;
  }
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: fetchSession,
  staleTime: Number.POSITIVE_INFINITY,
  retry: 2,
});

export async function signIn(login: string, password: string): Promise<Session> {
  return adopt(await post<Session>('/session', { login, password }, { quiet: true }));
}

export interface SetupInput {
  token: string;
  organisation: string;
  name: string;
  login: string;
  password: string;
  language: string;
}

export async function setUp(input: SetupInput): Promise<Session> {
  return adopt(await post<Session>('/session/setup', input, { quiet: true }));
}

export async function signOut(): Promise<void> {
  await remove('/session');
}

export async function signOutEverywhere(): Promise<void> {
  await post('/session/sign_out_everywhere');
}

export async function updateSession(
  change: Partial<Pick<Session['user'], 'language' | 'theme'>>,
): Promise<Session> {
  return adopt(await patch<Session>('/session', change));
}

/** How the person has set up the own screens, by name. */
export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: () => get<Record<string, unknown>>('/session/preferences'),
  staleTime: 60_000,
});

export function writePreference(name: string, value: unknown): Promise<unknown> {
  return send('PUT', `/session/preferences/${name}`, { body: { value } });
}

/** The session of the signed-in user. Screens below the gate may rely on it. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data?.session) throw new Error('useSession outside of the signed-in part');
  return data.session;
}
