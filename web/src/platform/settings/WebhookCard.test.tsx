import { fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { beforeAll, expect, it, vi } from 'vitest';
import { Model } from '@/api/meta';
import texts from '@/locales/zh-CN';
import { type RecordWorld, RecordWorldProvider } from '@/record/context';
import { FormatProvider } from '@/ui/format';
import { account } from '../../../test/objects';
import { WebhookCard } from './WebhookCard';
import type { Webhook } from './webhooks';

beforeAll(() =>
  i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  }),
);

const at = '2026-03-01T04:05:06Z';
const webhook: Webhook = {
  id: 1,
  name: 'ERP',
  url: 'https://erp.example/hooks',
  is_active: true,
  objects: ['account'],
  events: [],
  user_id: 1,
  failing_since: null,
  rests_until: null,
  last_problem: null,
  last_delivered_at: at,
};
const model = new Model({ language: 'zh-CN', picklists: {}, objects: [account] });
const button = (name: string) => screen.queryByRole('button', { name }) as HTMLButtonElement | null;

function show(change: Partial<Webhook>) {
  const doings = {
    onEdit: vi.fn(),
    onDelete: vi.fn(),
    onSecret: vi.fn(),
    onDeliveries: vi.fn(),
    onTest: vi.fn(),
    onResume: vi.fn(),
    onTurnOn: vi.fn(),
  };
  render(
    <FormatProvider settings={{ language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' }}>
      <RecordWorldProvider value={{ model } as RecordWorld}>
        <WebhookCard
          object={account}
          webhook={{ ...webhook, ...change }}
          busy={false}
          doings={doings}
        />
      </RecordWorldProvider>
    </FormatProvider>,
  );
  return doings;
}

it('says why a receiver is in trouble, since when, and lets it be tried now', () => {
  const { onResume } = show({
    failing_since: at,
    rests_until: '2026-03-01T05:05:06Z',
    last_problem: 'outbound.timeout',
  });
  screen.getByText('重试中');
  screen.getByText('从 2026-03-01 12:05 起没有送达，正在自动重试');
  screen.getByText('对方服务器没有及时回复');
  screen.getByText('下次 2026-03-01 13:05');
  fireEvent.click(button('立即重试') as HTMLButtonElement);
  expect(onResume).toHaveBeenCalledOnce();
});

it('offers no try where nothing rests', () => {
  show({ failing_since: at, last_problem: 'webhook.answer' });
  screen.getByText('重试中');
  expect(button('立即重试')).toBeNull();
});

it('is switched on again after it was given up, and sends no test before', () => {
  const { onTurnOn, onTest } = show({
    is_active: false,
    failing_since: at,
    rests_until: at,
    last_problem: 'webhook.answer',
  });
  screen.getByText('从 2026-03-01 12:05 起一直没有送达，已停用');
  expect(button('立即重试')).toBeNull();
  expect(button('发送测试消息')?.disabled).toBe(true);
  fireEvent.click(button('发送测试消息') as HTMLButtonElement);
  expect(onTest).not.toHaveBeenCalled();
  fireEvent.click(button('启用') as HTMLButtonElement);
  expect(onTurnOn).toHaveBeenCalledOnce();
});

it('says that no chosen kind of change means all of them', () => {
  show({});
  screen.getByText('正常');
  screen.getByText('全部');
});
