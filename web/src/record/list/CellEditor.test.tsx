import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import type { RecordData } from '@/api/types';
import texts from '@/locales/zh-CN';
import { Grid } from '@/ui/grid/Grid';
import { lead } from '../../../test/objects';
import type { Save } from '../useSave';
import { CellEditor } from './CellEditor';
import { forgetAllRefused, refusedOf } from './refused';

beforeAll(async () => {
  await import('../fields/shared/inputs');
  await i18next.use(initReactI18next).init({
    lng: 'zh-CN',
    resources: { 'zh-CN': { translation: texts } },
    interpolation: { escapeValue: false },
  });
  // The grid draws what is in view, and there is no view here.
  for (const [side, length] of Object.entries({ clientHeight: 600, clientWidth: 800 })) {
    Object.defineProperty(HTMLElement.prototype, side, { get: () => length, configurable: true });
  }
});
afterEach(forgetAllRefused);

const refuse: Save = () =>
  Promise.reject(
    new Problem(
      422,
      { code: 'x', fields: [{ field: 'name', code: 'x', message: '太长了' }] },
      'no',
    ),
  );
const record = (id: number, name: string): RecordData => ({ id, name, company: `c${id}` });

function List({
  rows,
  save,
  subject = 'all',
}: {
  rows: RecordData[];
  save: Save;
  subject?: string;
}) {
  const [selection, setSelection] = useState<ReadonlySet<number>>(new Set());
  return (
    <>
      <input aria-label="elsewhere" />
      <Grid<RecordData>
        label="leads"
        subject={subject}
        columns={['company', 'name'].map((key) => ({
          key,
          label: key,
          width: 100,
          editable: () => true,
          text: (row) => String(row[key]),
          cell: (row) => <span>{String(row[key])}</span>,
          refusal: (row) => refusedOf('leads', row.id, key)?.message ?? null,
        }))}
        rows={rows}
        rowLabel={(row) => String(row.id)}
        loading={false}
        hasMore={false}
        total={rows.length}
        onEnd={() => {}}
        sort={null}
        onSort={() => {}}
        selection={selection}
        onSelection={setSelection}
        openId={null}
        onOpen={() => {}}
        onResize={() => {}}
        onMove={() => {}}
        renderEditor={({ row, column, close }) => (
          <CellEditor
            key={`${row.id}.${column.key}`}
            object={lead}
            record={row}
            name={column.key}
            save={save}
            onClose={close}
          />
        )}
      />
    </>
  );
}

const rows = [record(1, '一'), record(2, '二'), record(3, '三')];

async function edit(text: string, to: string) {
  fireEvent.doubleClick(screen.getByText(text));
  const box = await screen.findByRole('textbox', { name: 'name' });
  act(() => box.focus());
  fireEvent.change(box, { target: { value: to } });
  return box;
}

it('keeps a refused value in its cell when the next click goes elsewhere', async () => {
  const view = render(<List rows={rows} save={refuse} />);
  const box = await edit('二', '二二二');
  const grid = screen.getByRole('grid');
  act(() => grid.focus());
  fireEvent.click(screen.getByText('c3'));
  expect(box.isConnected).toBe(false);
  await waitFor(() =>
    expect(refusedOf('leads', 2, 'name')).toMatchObject({
      value: '二二二',
      message: 'name: 太长了',
    }),
  );
  view.rerender(<List rows={rows.slice()} save={refuse} />);
  // One click opens it again, with what was typed and why it was refused.
  fireEvent.click(screen.getByText('二'));
  const again = await screen.findByRole('textbox', { name: 'name' });
  expect((again as HTMLInputElement).value).toBe('二二二');
  expect(screen.getByRole('alert').textContent).toBe('name: 太长了');
  fireEvent.keyDown(again, { key: 'Escape' });
  expect(refusedOf('leads', 2, 'name')).toBeUndefined();
});

it('holds what is typed with its record while others change the list', async () => {
  const save = vi.fn<Save>().mockResolvedValue(undefined);
  const view = render(<List rows={rows} save={save} />);
  const box = await edit('二', '王');
  const moved = [record(9, '新'), rows[2], rows[0], rows[1]];
  view.rerender(<List rows={moved} save={save} />);
  expect(box.isConnected).toBe(true);
  expect((box as HTMLInputElement).value).toBe('王');
  view.rerender(<List rows={[rows[0]]} save={save} />);
  expect(box.isConnected).toBe(true);
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => expect(box.isConnected).toBe(false));
  expect(save.mock.calls[0][0].id).toBe(2);
  expect(save.mock.calls[0][1]).toEqual({ name: '王' });
});

it('keeps the active cell on its record when rows move', async () => {
  const view = render(<List rows={rows} save={refuse} />);
  const grid = screen.getByRole('grid');
  act(() => grid.focus());
  fireEvent.keyDown(grid, { key: 'ArrowDown' });
  view.rerender(<List rows={[rows[2], rows[0], rows[1]]} save={refuse} />);
  fireEvent.keyDown(grid, { key: 'x' });
  const chosen = screen
    .getAllByRole('row')
    .filter((row) => row.getAttribute('aria-selected') === 'true');
  expect(chosen.map((row) => row.textContent)).toEqual(['c2二']);
});

it('leaves the focus where the person has gone', async () => {
  let done = () => {};
  const save: Save = () =>
    new Promise((resolve) => {
      done = () => resolve();
    });
  render(<List rows={rows} save={save} />);
  const box = await edit('二', '王');
  const elsewhere = screen.getByLabelText('elsewhere');
  act(() => elsewhere.focus());
  await act(async () => done());
  await waitFor(() => expect(box.isConnected).toBe(false));
  expect(document.activeElement).toBe(elsewhere);
});

it('asks about a value that somebody else has changed meanwhile', async () => {
  const save = vi.fn<Save>().mockResolvedValue(undefined);
  const before = rows.map((row) => ({ ...row, '@odata.etag': 'W/"1"' }));
  const view = render(<List rows={before} save={save} />);
  const box = await edit('二', '王');
  const after = before.map((row) =>
    row.id === 2 ? { ...row, name: '李', '@odata.etag': 'W/"2"' } : row,
  );
  view.rerender(<List rows={after} save={save} />);
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => expect(save).toHaveBeenCalled());
  expect(save.mock.calls[0][3]).toEqual({ etag: 'W/"1"' });
});

it('keeps what was typed when the list becomes another one', async () => {
  const save = vi.fn<Save>().mockResolvedValue(undefined);
  const view = render(<List rows={rows} save={save} />);
  await edit('二', '王');
  view.rerender(<List rows={rows} save={save} subject="mine" />);
  expect(screen.queryByRole('textbox', { name: 'name' })).toBeNull();
  expect(refusedOf('leads', 2, 'name')).toMatchObject({ value: '王', message: null });
});
