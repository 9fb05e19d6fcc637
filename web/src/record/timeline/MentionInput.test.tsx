import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Model } from '@/api/meta';
import texts from '@/locales/zh-CN';
import { type RecordWorld, RecordWorldProvider } from '../context';
import { MentionInput } from './MentionInput';

const asked: string[] = [];
const chosen = vi.fn();

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
});
beforeEach(() => {
  asked.length = 0;
  chosen.mockClear();
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const value = [
      { id: 2, name: '李明' },
      { id: 3, name: '李嘉豪' },
    ];
    return new Response(JSON.stringify({ value }), {
      headers: { 'Content-Type': 'application/json' },
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

function Field() {
  const [value, setValue] = useState('');
  return <MentionInput value={value} onChange={setValue} onMention={chosen} aria-label="跟进" />;
}
function show() {
  const model = new Model({ language: 'zh-CN', objects: [], picklists: {} });
  const world = { model, me: 1, descriptor: () => undefined } as unknown as RecordWorld;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RecordWorldProvider value={world}>
        <Field />
      </RecordWorldProvider>
    </QueryClientProvider>,
  );
  return screen.getByLabelText<HTMLTextAreaElement>('跟进');
}
function type(area: HTMLTextAreaElement, text: string) {
  area.value = '';
  fireEvent.change(area, { target: { value: text, selectionStart: text.length } });
}
const options = () => screen.findAllByRole('option', {}, { timeout: 4000 });

describe('mentioning a colleague', () => {
  it('asks for nobody before an @ was typed', () => {
    const area = show();
    type(area, '请看看');
    expect(asked).toEqual([]);
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('chooses with the keys', async () => {
    const area = show();
    type(area, '请@李');
    expect((await options()).map((option) => option.textContent)).toEqual(['李李明', '李李嘉豪']);
    fireEvent.keyDown(area, { key: 'ArrowDown' });
    fireEvent.keyDown(area, { key: 'Enter' });
    expect(chosen).toHaveBeenCalledWith({ id: 3, name: '李嘉豪' });
    expect(area.value).toBe('请@李嘉豪 ');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('leaves the keys to an input method, and Escape closes the list only', async () => {
    const area = show();
    type(area, '@李');
    await options();
    fireEvent.keyDown(area, { key: 'Enter', isComposing: true, keyCode: 229 });
    expect(chosen).not.toHaveBeenCalled();
    expect(fireEvent.keyDown(area, { key: 'Escape' })).toBe(false);
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(area.value).toBe('@李');
  });
});
