import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ObjectMeta } from '@/api/types';
import texts from '@/locales/zh-CN';
import { FormatProvider } from '@/ui/format';
import type { Import, ImportStatus } from './api';
import { DoneStep } from './DoneStep';
import type { ImportControl } from './useImport';

const reason = '已达上限：现有 200，最多 200';
vi.mock('./api', async (original) => ({
  ...(await original<typeof import('./api')>()),
  readRows: async () => ({
    value: [
      {
        row: 201,
        status: 'error',
        duplicates: [],
        errors: [{ column: '', value: '', code: 'pool.capacity', message: reason }],
      },
    ],
    next: null,
  }),
}));

const lead = { name: 'lead', label: '线索', fields: [] } as unknown as ObjectMeta;

const nothing = { rows: 3, good: 3, bad: 0, duplicates: 0, created: 0, updated: 0, skipped: 0 };

function show(status: ImportStatus, counts: Partial<Import['counts']>) {
  const job = {
    id: 7,
    object: 'lead',
    file_name: 'a.csv',
    status,
    progress: { done: 3, total: 3, rate: 1 },
    settings: {},
    counts: { ...nothing, ...counts },
  } as Import;
  const control = { busy: false, undo: vi.fn(), cancel: vi.fn() };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <FormatProvider settings={{ language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' }}>
        <DoneStep
          object={lead}
          job={job}
          control={control as unknown as ImportControl}
          onList={() => {}}
          onAgain={() => {}}
        />
      </FormatProvider>
    </QueryClientProvider>,
  );
  return control;
}

const hrefs = () =>
  [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'));
/** The buttons that say this; the one on the page comes before the one of the dialog. */
const buttons = (text: string) =>
  screen.queryAllByRole('button').filter((button) => button.textContent?.includes(text));

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
});
afterEach(cleanup);

describe('the end of an import', () => {
  it('offers the reasons and the wrong rows as files', () => {
    show('partial', { good: 2, bad: 1, created: 2 });
    expect(hrefs()).toEqual(['/api/v1/imports/7/result', '/api/v1/imports/7/result?rows=rejected']);
  });

  it('says which rows stayed out, and why', async () => {
    show('failed', { good: 0, bad: 1 });
    expect(await screen.findByText(reason)).toBeTruthy();
    expect(screen.getByText('201')).toBeTruthy();
  });

  it('offers the reasons only when duplicates were left out', () => {
    show('done', { good: 2, duplicates: 1, created: 2, skipped: 1 });
    expect(hrefs()).toEqual(['/api/v1/imports/7/result']);
  });

  it('takes back what was created, but asks first', () => {
    const control = show('done', { created: 3 });
    fireEvent.click(buttons('撤销这次导入')[0]);
    expect(control.undo).not.toHaveBeenCalled();
    expect(document.body.textContent).toContain('3 条记录');
    fireEvent.click(buttons('撤销这次导入')[1]);
    expect(control.undo).toHaveBeenCalledTimes(1);
  });

  it('has nothing to take back when nothing was created', () => {
    show('cancelled', {});
    expect(buttons('撤销这次导入')).toEqual([]);
    expect(hrefs()).toEqual([]);
  });

  it('offers the way back also when a run failed midway', () => {
    show('failed', { created: 1, bad: 1 });
    expect(buttons('撤销这次导入')).toHaveLength(1);
  });
});
