import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import { navigationOf } from '@/api/meta';
import type { FieldMeta, Page, RecordData } from '@/api/types';
import { Person } from '@/ui/basics';
import { useRecordWorld } from '../../context';
import type { CellProps, InputProps } from '../kind';

/** The text of the record that a reference points to, as far as it came with the answer. */
export function referenceText(field: FieldMeta, record: RecordData): string {
  const target = record[navigationOf(field.name)] ?? record[`${field.name}__label`];
  if (typeof target === 'string') return target;
  if (target && typeof target === 'object' && !Array.isArray(target)) {
    for (const [key, value] of Object.entries(target)) {
      if (key !== 'id' && !key.startsWith('@') && typeof value === 'string') return value;
    }
  }
  const value = record[field.name];
  return value === null || value === undefined ? '' : `#${String(value)}`;
}

export function ReferenceCell({ field, value, record }: CellProps) {
  if (value === null || value === undefined) return null;
  return <span className="t">{referenceText(field, record)}</span>;
}

export function UserCell({ field, value, record }: CellProps) {
  if (value === null || value === undefined) return null;
  return <Person name={referenceText(field, record)} />;
}

function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

export function ReferenceInput(props: InputProps) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const { field } = props;
  const multiple = field.multiple === true;
  const [text, setText] = useState('');
  const [open, setOpen] = useState(props.autoFocus === true);
  const settled = useSettled(text, 220);
  const collection = model.targetCollection(field);
  const title = model.targetTitle(field);
  const { data, isFetching } = useQuery({
    queryKey: ['choices', collection, settled],
    enabled: collection !== null && (open || multiple),
    staleTime: 30_000,
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams({ $select: `id,${title}`, $top: '50' });
      if (settled) parameters.set('$search', settled);
      return get<Page>(`/${collection}?${parameters}`, { signal });
    },
  });
  const options = (data?.value ?? []).map((row) => ({
    value: row.id,
    label: String(row[title] ?? row.id),
  }));
  if (
    !multiple &&
    typeof props.value === 'number' &&
    props.display &&
    !options.some((option) => option.value === props.value) &&
    settled === ''
  ) {
    options.unshift({ value: props.value, label: props.display });
  }
  const shared = {
    id: props.id,
    style: { width: '100%' },
    allowClear: !field.required,
    autoFocus: props.autoFocus,
    open,
    onOpenChange: setOpen,
    loading: isFetching,
    showSearch: { filterOption: false as const, onSearch: setText },
    status: props.invalid ? ('error' as const) : undefined,
    placeholder: props.placeholder ?? t('field.search_and_choose'),
    notFoundContent: isFetching ? t('common.loading') : t('common.nothing_found'),
    'aria-label': props.label,
    'aria-describedby': props.describedBy,
    options,
  };
  if (multiple) {
    return (
      <Select<number[]>
        {...shared}
        mode="multiple"
        value={Array.isArray(props.value) ? (props.value as number[]) : []}
        onChange={(value) => props.onChange(value)}
      />
    );
  }
  return (
    <Select<number>
      {...shared}
      value={typeof props.value === 'number' ? props.value : undefined}
      onChange={(value) => {
        props.onChange(value ?? null, options.find((option) => option.value === value)?.label);
        setText('');
      }}
    />
  );
}
