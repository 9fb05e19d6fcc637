import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AttachedFile, fileHref, filesIn, uploadFile } from '@/api/files';
import { Model } from '@/api/meta';
import { Problem } from '@/api/problem';
import type { FieldMeta } from '@/api/types';
import texts from '@/locales/zh-CN';
import { type RecordWorld, RecordWorldProvider } from '../../context';
import FileInput from './FileInput';
import { sizeText } from './size';

vi.mock('@/api/files', async (original) => ({
  ...(await original<typeof import('@/api/files')>()),
  uploadFile: vi.fn(),
}));
const uploads = vi.mocked(uploadFile);
const field: FieldMeta = { name: 'a', type: 'file', label: '附件', multiple: true, maximum: 3 };
let value: unknown;

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
});
beforeEach(() => {
  let id = 0;
  uploads.mockReset().mockImplementation(async (file) => {
    id += 1;
    return { id, name: file.name, size: file.size, media_type: 'text/plain' };
  });
});
afterEach(cleanup);

function Held({ start, about }: { start: unknown; about: FieldMeta }) {
  const [held, setHeld] = useState(start);
  value = held;
  return <FileInput field={about} value={held} onChange={setHeld} />;
}
function show(start: unknown = [], about = field) {
  const world = {
    model: new Model({ language: 'zh-CN', objects: [], picklists: {}, file_size_limit: 10 }),
  } as RecordWorld;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RecordWorldProvider value={world}>
        <Held start={start} about={about} />
      </RecordWorldProvider>
    </QueryClientProvider>,
  );
}
const text = (name: string, content = '1') => new File([content], name, { type: 'text/plain' });
const choose = (...files: File[]) =>
  act(async () => {
    fireEvent.change(screen.getByLabelText('附件', { selector: 'input' }), { target: { files } });
  });
const names = () => (value as AttachedFile[]).map(({ name }) => name);

describe('files in a form', () => {
  it('join the value one after the other, after those that are there', async () => {
    show([{ id: 90, name: 'old.txt' }]);
    await choose(text('a.txt'), text('b.txt'));
    await waitFor(() => expect(names()).toEqual(['old.txt', 'a.txt', 'b.txt']));
    expect(screen.queryByRole('button', { name: /添加附件/ })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: '移除 a.txt' }));
    expect(names()).toEqual(['old.txt', 'b.txt']);
  });

  it('says how many and how large they may be, without sending', async () => {
    show([{ id: 90, name: 'old.txt' }]);
    await choose(text('a.txt'), text('b.txt'), text('c.txt'));
    await screen.findByText('最多 3 个文件');
    expect(uploads).toHaveBeenCalledTimes(2);
    cleanup();
    uploads.mockClear();
    show();
    await choose(text('large.txt', 'more than ten'));
    await screen.findByText('文件太大，最多 10 B');
    expect(uploads).not.toHaveBeenCalled();
    expect(value).toEqual([]);
  });

  it('keeps a refused one in sight with the reason until it is taken away', async () => {
    uploads.mockRejectedValueOnce(new Problem(429, { title: '请先保存' }, ''));
    show();
    await choose(text('a.txt'));
    await screen.findByText('请先保存');
    fireEvent.click(screen.getByRole('button', { name: '取消 a.txt' }));
    expect(screen.queryByText('请先保存')).toBeNull();
    expect(value).toEqual([]);
  });

  it('takes what is pasted and gives a picture without a name one', async () => {
    show();
    await act(async () => {
      fireEvent.paste(screen.getByRole('button', { name: /添加附件/ }), {
        clipboardData: {
          files: [new File(['1'], 'image.png', { type: 'image/png' })],
          types: ['Files'],
        },
      });
    });
    await waitFor(() => expect(names()[0]).toMatch(/^\d{8}-\d{6}\.png$/));
  });

  it('holds one where the field takes one', async () => {
    show({ id: 90, name: 'old.txt' }, { ...field, multiple: false });
    await choose(text('new.txt'));
    await waitFor(() => expect(value).toMatchObject({ name: 'new.txt' }));
    fireEvent.click(screen.getByRole('button', { name: '移除 new.txt' }));
    expect(value).toBeNull();
  });
});

describe('files', () => {
  it('are read from every form of a value', () => {
    expect(filesIn(null)).toEqual([]);
    expect(filesIn([1, { id: 2, name: 'a' }])).toEqual([{ id: 1 }, { id: 2, name: 'a' }]);
    expect(filesIn({ id: 2 })).toEqual([{ id: 2 }]);
    expect(fileHref('accounts', 7, 9, true)).toBe('/api/v1/accounts/7/files/9?inline=true');
  });
  it('have sizes that people read', () => {
    expect([12, 2048, 1_500_000, 20 << 20].map(sizeText)).toEqual([
      '12 B',
      '2 KB',
      '1.4 MB',
      '20 MB',
    ]);
  });
});
