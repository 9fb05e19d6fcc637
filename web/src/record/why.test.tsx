import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import texts from '@/locales/zh-CN';
import { askedWhy, WhyHost } from './why';

const refused = (code: string, reason_field?: string) =>
  new Problem(409, { code, title: `${code}!`, reason_field }, '');
const full = refused('pool.capacity', 'capacity_reason');

beforeAll(async () => {
  // What is fetched on the first use is there already: a busy machine takes long to read it.
  await import('./WhyDialog');
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
});

async function answer(reason: string) {
  const box = await screen.findByLabelText(/仍要继续的原因/);
  fireEvent.change(box, { target: { value: reason } });
  fireEvent.click(screen.getByRole('button', { name: '仍要继续' }));
}

describe('what goes on with a reason only', () => {
  it('does not ask when no reason would help', () => {
    expect(askedWhy(refused('pool.capacity'), vi.fn())).toBe(false);
    expect(askedWhy(new Error('offline'), vi.fn())).toBe(false);
    expect(askedWhy(full, vi.fn(), { capacity_reason: 'already said' })).toBe(false);
  });

  it('sends the same again with the reason, under the name that the server gave it', async () => {
    render(<WhyHost />);
    const again = vi.fn().mockResolvedValue(undefined);
    expect(askedWhy(full, again)).toBe(true);
    await screen.findByText('pool.capacity!');
    fireEvent.click(await screen.findByRole('button', { name: '仍要继续' }));
    await screen.findByText('请填写原因');
    expect(again).not.toHaveBeenCalled();
    await answer(' 重点客户 ');
    await waitFor(() => expect(again).toHaveBeenCalledWith({ capacity_reason: '重点客户' }));
    await waitFor(() => expect(screen.queryByText('pool.capacity!')).toBeNull());
  });

  it('asks for the next reason and sends both', async () => {
    render(<WhyHost />);
    const again = vi.fn().mockRejectedValueOnce(full).mockResolvedValue(undefined);
    askedWhy(refused('duplicate.needs_reason', 'duplicate_reason'), again);
    await answer('另一家');
    await screen.findByText('pool.capacity!');
    await answer('重点客户');
    await waitFor(() =>
      expect(again).toHaveBeenLastCalledWith({
        duplicate_reason: '另一家',
        capacity_reason: '重点客户',
      }),
    );
  });

  it('keeps what was typed when the request fails for another cause', async () => {
    render(<WhyHost />);
    askedWhy(full, vi.fn().mockRejectedValue(refused('record.stale')));
    await answer('重点客户');
    await screen.findByText('record.stale!');
    expect(screen.getByDisplayValue('重点客户')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: /取\s?消/ }));
    await waitFor(() => expect(screen.queryByText('record.stale!')).toBeNull());
  });
});
