import { Button, Input } from 'antd';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';

/** Which columns a list shows and in which order. Everything works with the keyboard. */
export default function ColumnSettings({
  object,
  columns,
  onChange,
  onReset,
}: {
  object: ObjectMeta;
  columns: string[];
  onChange: (columns: string[]) => void;
  onReset: () => void;
}) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const fieldOf = (name: string) => object.fields.find((field) => field.name === name);
  const matches = (label: string) => label.toLowerCase().includes(search.trim().toLowerCase());
  const shown = columns.flatMap((name) => fieldOf(name) ?? []);
  const hidden = object.fields.filter((field) => !columns.includes(field.name));
  const swap = (at: number, by: number) => {
    const next = columns.slice();
    [next[at], next[at + by]] = [next[at + by], next[at]];
    onChange(next);
  };
  return (
    <div className="column-settings" role="dialog" aria-label={t('columns.title')}>
      <Input
        value={search}
        placeholder={t('columns.search')}
        aria-label={t('columns.search')}
        allowClear
        onChange={(event) => setSearch(event.target.value)}
      />
      <div className="column-list">
        <p>{t('columns.shown')}</p>
        <ul>
          {shown.map((field, at) =>
            matches(field.label) ? (
              <li key={field.name}>
                <label className="line grow">
                  <input
                    type="checkbox"
                    checked
                    disabled={field.name === object.title_field}
                    onChange={() => onChange(columns.filter((name) => name !== field.name))}
                  />
                  <span className="ellipsis">{field.label}</span>
                </label>
                <button
                  type="button"
                  className="icon-button"
                  disabled={at <= 1}
                  aria-label={t('columns.up', { name: field.label })}
                  onClick={() => swap(at, -1)}
                >
                  <ArrowUp size={14} aria-hidden="true" />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  disabled={at === 0 || at === shown.length - 1}
                  aria-label={t('columns.down', { name: field.label })}
                  onClick={() => swap(at, 1)}
                >
                  <ArrowDown size={14} aria-hidden="true" />
                </button>
              </li>
            ) : null,
          )}
        </ul>
        <p>{t('columns.hidden')}</p>
        <ul>
          {hidden
            .filter((field) => matches(field.label))
            .map((field) => (
              <li key={field.name}>
                <label className="line grow">
                  <input
                    type="checkbox"
                    checked={false}
                    onChange={() => onChange([...columns, field.name])}
                  />
                  <span className="ellipsis">{field.label}</span>
                </label>
              </li>
            ))}
        </ul>
      </div>
      <Button size="small" onClick={onReset}>
        {t('columns.reset')}
      </Button>
    </div>
  );
}
