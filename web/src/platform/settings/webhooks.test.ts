import type { InfiniteData } from '@tanstack/react-query';
import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { Model } from '@/api/meta';
import type { ObjectMeta } from '@/api/types';
import texts from '@/locales/zh-CN';
import { makeFormat } from '@/ui/format';
import { account, lead } from '../../../test/objects';
import { followInterval, stateInterval } from './useWebhooks';
import {
  addressParts,
  type DeliveryPage,
  momentOf,
  problemInWords,
  pushableObjects,
  stateOf,
  typeInWords,
  type Webhook,
} from './webhooks';

const webhook: Webhook = {
  id: 1,
  name: 'ERP',
  url: 'https://erp.example/hooks',
  is_active: true,
  objects: ['account'],
  events: ['created'],
  user_id: 1,
  failing_since: null,
  rests_until: null,
  last_problem: null,
  last_delivered_at: null,
};
const at = '2026-03-01T04:05:06Z';

describe('the state of a webhook', () => {
  it('tells nothing sent yet from working', () => {
    expect(stateOf(webhook)).toBe('unused');
    expect(stateOf({ ...webhook, last_delivered_at: at })).toBe('fine');
  });

  it('shows trouble whether or not something was delivered before', () => {
    expect(stateOf({ ...webhook, failing_since: at })).toBe('failing');
    expect(stateOf({ ...webhook, failing_since: at, last_delivered_at: at })).toBe('failing');
  });

  it('is off before all else: nothing is tried', () => {
    expect(stateOf({ ...webhook, is_active: false, failing_since: at })).toBe('off');
  });
});

describe('messages in words', () => {
  const named = (object: ObjectMeta, label: string, more: Partial<ObjectMeta> = {}) => ({
    ...object,
    label,
    ...more,
  });
  const model = new Model({
    language: 'zh-CN',
    picklists: {},
    objects: [
      named(account, '客户', { group: 'sales' }),
      named(lead, '线索', { group: 'sales' }),
      named({ ...lead, name: 'pool' }, '池', { group: 'sales', configuration: true }),
      named(
        {
          ...lead,
          name: 'webhook',
          fields: [
            {
              name: 'events',
              type: 'multi_select',
              label: '变化',
              options: [
                { value: 'created', label: '新建' },
                { value: 'deleted', label: '删除' },
              ],
            },
          ],
        },
        '数据推送',
        { group: '' },
      ),
    ],
  });
  let t: TFunction;
  beforeAll(async () => {
    t = await i18next.init({
      lng: 'zh-CN',
      resources: { 'zh-CN': { translation: texts } },
      interpolation: { escapeValue: false },
    });
  });

  it('says the type with the words of the object and the kind of change', () => {
    expect(typeInWords(t, model, 'account.created')).toBe('客户 · 新建');
    expect(typeInWords(t, model, 'lead.deleted')).toBe('线索 · 删除');
    expect(typeInWords(t, model, 'webhook.test')).toBe('测试消息');
  });

  it('names what it does not know as the server does', () => {
    expect(typeInWords(t, model, 'order.shipped')).toBe('order · shipped');
    expect(problemInWords(t, 'outbound.timeout')).toBe('对方服务器没有及时回复');
    expect(problemInWords(t, 'webhook.melted')).toContain('webhook.melted');
  });

  it('offers what people work with, not settings', () => {
    expect(pushableObjects(model).map(({ name }) => name)).toEqual(['account', 'lead']);
  });
});

describe('following the messages', () => {
  const pages = (count: number, waiting: number) =>
    ({
      pages: Array.from({ length: count }, () => ({ value: [], next: null, waiting })),
      pageParams: [],
    }) as InfiniteData<DeliveryPage>;

  it('looks again while one waits, until the time is over', () => {
    expect(followInterval(undefined, 0, 100)).toBe(false);
    expect(followInterval(pages(1, 0), 0, 100)).toBe(false);
    expect(followInterval(pages(1, 2), 0, 100)).toBe(1000);
    expect(followInterval(pages(1, 2), 101, 100)).toBe(false);
  });

  it('asks no more often than one page in a second', () => {
    expect(followInterval(pages(4, 2), 0, 100)).toBe(4000);
  });
});

it('looks sooner at a receiver that is being tried than at one that rests', () => {
  const failing = { ...webhook, failing_since: at };
  const later = stateInterval([webhook, { ...failing, rests_until: at }]);
  expect(stateInterval(undefined)).toBe(later);
  expect(stateInterval([webhook, failing])).toBeLessThan(later);
});

it('takes an address apart so that its host stands out', () => {
  expect(addressParts('https://erp.example:8443/hooks?a=1')).toEqual({
    scheme: 'https://',
    host: 'erp.example:8443',
    rest: '/hooks?a=1',
  });
  expect(addressParts('erp')).toEqual({ scheme: '', host: '', rest: 'erp' });
});

it('tells the seconds of today only', () => {
  const format = makeFormat({ language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' });
  expect(momentOf(format, at)).toBe('2026-03-01 12:05');
  expect(momentOf(format, new Date().toISOString())).toMatch(/^\d\d:\d\d:\d\d$/);
});
