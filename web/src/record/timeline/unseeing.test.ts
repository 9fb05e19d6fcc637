import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { account, lead } from '../../../test/objects';
import { findUnseeing } from './unseeing';

const object = { ...account, members: true };
const people = [
  { id: 2, name: '李明' },
  { id: 3, name: '王芳' },
];
const asked: string[] = [];
let manages = true;

beforeEach(() => {
  asked.length = 0;
  manages = true;
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const body = path.endsWith('/members')
      ? { value: [], may_manage: manages, requests: [] }
      : { users: [3] };
    return new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
  });
});
afterEach(() => vi.unstubAllGlobals());

const known = (client: QueryClient) => client.getQueryData(['unseeing', 'accounts', 7]);

it('keeps those of the mentioned who cannot see the record', async () => {
  const client = new QueryClient();
  await findUnseeing(client, object, 7, people);
  expect(asked).toEqual(['/api/v1/accounts/7/members', '/api/v1/accounts/7/unseeing?users=2,3']);
  expect(known(client)).toEqual([people[1]]);
});

it('asks nothing when nobody was mentioned, or the object has no team', async () => {
  const client = new QueryClient();
  await findUnseeing(client, object, 7, []);
  await findUnseeing(client, lead, 7, people);
  expect(asked).toEqual([]);
});

it('does not ask for a team that this person does not manage', async () => {
  manages = false;
  const client = new QueryClient();
  await findUnseeing(client, object, 7, people);
  expect(asked).toEqual(['/api/v1/accounts/7/members']);
  expect(known(client)).toBeUndefined();
});
