import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Model } from '@/api/meta';
import type { DuplicateHit, ValueHint } from '@/api/types';
import texts from '@/locales/zh-CN';
import * as objects from '../../../test/objects';
import { type RecordWorld, RecordWorldProvider } from '../context';
import { DuplicateHints } from './DuplicateHints';

const base: DuplicateHit = {
  tier: 'E',
  object: 'account',
  object_label: '客户',
  id: null,
  name: '杭＊＊＊＊司',
  visible: false,
  matched: ['name'],
  evidence: ['名称相同'],
  score: 1,
  state: 'owned',
  owner: null,
  last_activity_on: null,
  won: false,
  actions: [],
};

const requests: { path: string; body: Record<string, unknown> }[] = [];
let refusal: { status: number; body: object } | null = null;

beforeAll(async () => {
  // What is fetched on the first use is there already: a busy machine takes long to read it.
  await import('../foreign/ArbitrateDialog');
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
});
beforeEach(() => {
  requests.length = 0;
  refusal = null;
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    requests.push({ path, body: init.body ? JSON.parse(String(init.body)) : {} });
    return new Response(JSON.stringify(refusal?.body ?? { id: 9 }), {
      status: refusal?.status ?? 200,
      headers: { 'Content-Type': 'application/json' },
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

function show(
  hit: Partial<DuplicateHit> | null,
  more: Partial<Parameters<typeof DuplicateHints>[0]> & { hints?: ValueHint[] } = {},
) {
  const world = {
    model: new Model({ language: 'zh-CN', objects: [objects.account], picklists: {} }),
    me: 1,
    isAdmin: false,
    descriptor: () => undefined,
    descriptors: [],
    openRecord: vi.fn(),
    hrefOf: (object: string, id: number) => `/${object}/${id}`,
    create: vi.fn(),
  } as RecordWorld;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RecordWorldProvider value={world}>
        <DuplicateHints
          answer={{
            verdict: hit ? 'block' : 'none',
            hits: hit ? [{ ...base, ...hit }] : [],
            hints: more.hints,
          }}
          onTake={more.onTake}
        />
      </RecordWorldProvider>
    </QueryClientProvider>,
  );
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
const labels = () => screen.queryAllByRole('button').map((button) => button.textContent);

describe('what can be done about a duplicate', () => {
  it('offers what the server names and nothing else', () => {
    show({ ticket: 't', actions: [] });
    expect(labels()).toEqual([]);
  });

  it('disputes a hidden record by its ticket, but only with evidence', async () => {
    show({ ticket: 't', actions: ['join', 'arbitrate'] });
    expect(labels()).toEqual(['申请加入团队', '撞单仲裁']);
    press('撞单仲裁');
    await screen.findByLabelText(/依据/);
    press('提交仲裁');
    await screen.findByText('请写明依据');
    expect(requests).toEqual([]);
    fireEvent.change(screen.getByLabelText(/依据/), { target: { value: ' 三月起一直在谈 ' } });
    press('提交仲裁');
    await screen.findByRole('button', { name: '已提交仲裁' });
    expect(requests).toEqual([
      { path: '/api/v1/duplicates/arbitrate', body: { ticket: 't', evidence: '三月起一直在谈' } },
    ]);
  });

  it('keeps the words when the server refuses', async () => {
    refusal = { status: 409, body: { code: 'arbitration.already_open', title: '已有仲裁' } };
    show({ id: 5, visible: true, actions: ['arbitrate', 'open'] });
    press('撞单仲裁');
    fireEvent.change(await screen.findByLabelText(/依据/), { target: { value: '有报价' } });
    press('提交仲裁');
    expect((await screen.findByRole('alert')).textContent).toContain('已有仲裁');
    expect(requests[0].path).toBe('/api/v1/accounts/5/arbitrate');
    expect(screen.getByDisplayValue('有报价')).toBeTruthy();
  });

  it('claims from the pool on the spot and says why when it cannot', async () => {
    refusal = { status: 409, body: { code: 'pool.capacity', title: '已达上限' } };
    show({ id: 5, visible: true, state: 'pool', actions: ['open', 'claim'] });
    press('领取');
    expect((await screen.findByRole('alert')).textContent).toBe('已达上限');
    refusal = null;
    press('领取');
    await screen.findByRole('button', { name: '已领取' });
    expect(requests.map(({ path }) => path)).toEqual([
      '/api/v1/accounts/5/claim',
      '/api/v1/accounts/5/claim',
    ]);
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(screen.getByRole('link', { name: '查看' }).getAttribute('href')).toBe('/account/5');
  });
});

describe('what is said about values', () => {
  const hint: ValueHint = {
    field: 'uscc',
    code: 'uscc.suggestion',
    message: '是否为 91340104MA8NE3M66N？',
    suggestion: '91340104MA8NE3M66N',
  };

  it('takes what may have been meant', () => {
    const onTake = vi.fn();
    show(null, { hints: [hint], onTake });
    press('采用');
    expect(onTake).toHaveBeenCalledWith('uscc', '91340104MA8NE3M66N');
  });

  it('only tells where nothing can be taken', () => {
    show(null, { hints: [{ ...hint, suggestion: null }], onTake: vi.fn() });
    expect(screen.getByText(hint.message)).toBeTruthy();
    expect(labels()).toEqual([]);
  });

  it('names the owner and the department where the company tells of them', () => {
    show({ owner: '王雨桐', owner_department: '华东大区' });
    expect(screen.getByText('王雨桐 · 华东大区')).toBeTruthy();
  });
});
