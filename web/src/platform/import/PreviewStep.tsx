import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import type { Import, ImportSettings } from './api';
import type { ImportControl } from './useImport';

const encodings = ['UTF-8', 'GB18030', 'Big5', 'UTF-16LE', 'UTF-16BE', 'windows-1252'];
const delimiters = [',', ';', '\t', '|'];
const detected = '\u0000';

/** What was found in the file, to be corrected when it was found wrongly. */
export function PreviewStep({ job, control }: { job: Import; control: ImportControl }) {
  const { t } = useTranslation();
  const { preview, settings } = job;
  if (!preview) return null;
  // Other columns need another mapping: it is guessed, or remembered, anew.
  const look = (change: ImportSettings) => control.change({ ...change, mapping: null });
  const isText = preview.encoding !== '';
  const delimiterName = (value: string) =>
    value === '\t'
      ? t('import.tab')
      : value === '' || value === 'none'
        ? t('import.one_column')
        : value;
  const known = <Value extends string>(list: readonly Value[], present: Value): Value[] =>
    present === '' || list.includes(present) ? [...list] : [present, ...list];
  const headerRows = Math.max(20, preview.header_row);
  const choice = (
    label: string,
    value: string | number,
    options: { value: string | number; label: string }[],
    change: (value: string | number) => void,
  ) => (
    <div className="import-choice">
      <span className="muted">{label}</span>
      <Select<string | number>
        aria-label={label}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
        value={value}
        options={options}
        disabled={control.busy}
        onChange={change}
      />
    </div>
  );
  return (
    <div className="stack">
      <div className="import-choices">
        {preview.sheets.length > 1 &&
          choice(
            t('import.sheet'),
            preview.sheet,
            preview.sheets.map((sheet) => ({ value: sheet, label: sheet })),
            (sheet) => look({ sheet: String(sheet) }),
          )}
        {isText &&
          choice(
            t('import.encoding'),
            settings.encoding ?? detected,
            [
              { value: detected, label: t('import.detected', { value: preview.encoding }) },
              ...known(encodings, settings.encoding ?? '').map((name) => ({
                value: name,
                label: name,
              })),
            ],
            (encoding) => look({ encoding: encoding === detected ? '' : String(encoding) }),
          )}
        {isText &&
          choice(
            t('import.delimiter'),
            settings.delimiter ?? detected,
            [
              {
                value: detected,
                label: t('import.detected', { value: delimiterName(preview.delimiter) }),
              },
              ...known(delimiters, settings.delimiter ?? '').map((value) => ({
                value,
                label: delimiterName(value),
              })),
            ],
            (delimiter) => look({ delimiter: delimiter === detected ? '' : String(delimiter) }),
          )}
        {choice(
          t('import.header_row'),
          preview.header_row,
          [
            { value: 0, label: t('import.no_header') },
            ...Array.from({ length: headerRows }, (_, at) => ({
              value: at + 1,
              label: t('import.row', { row: at + 1 }),
            })),
          ],
          (row) => look({ header_row: Number(row) }),
        )}
      </div>
      {(preview.damaged_bytes ?? 0) > 0 && (
        <Notice kind="warn">{t('import.damaged', { count: preview.damaged_bytes })}</Notice>
      )}
      <section
        className="card import-preview"
        aria-label={t('import.step.preview')}
        aria-busy={control.busy || undefined}
        tabIndex={0}
      >
        <table className="plain-table">
          <thead>
            <tr>
              {preview.columns.map((column) => (
                <th key={column.name} scope="col">
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a file have no other name
              <tr key={at}>
                {preview.columns.map((column, index) => (
                  <td key={column.name}>{row[index] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="muted">{t('import.preview_note', { count: preview.rows.length })}</p>
    </div>
  );
}
