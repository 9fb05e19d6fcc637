import { useQuery } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import { allOf } from '@/api/records';
import type { Page, RecordData } from '@/api/types';
import { useRecordWorld } from '../../context';
import type { InputProps } from '../kind';
import { useNames } from './names';
import { parseNumber } from './numbers';

// The inputs that most types of field share. They are one chunk of their own, because lists and the
// workbench are drawn without them.

/** Several short texts: each becomes a tag when Enter or a comma ends it. */
function TextsInput(props: InputProps) {
  return (
    <Select<string[]>
      id={props.id}
      mode="tags"
      style={{ width: '100%' }}
      open={false}
      suffixIcon={null}
      tokenSeparators={[',', '，', ';', '；', '、']}
      value={Array.isArray(props.value) ? (props.value as string[]) : []}
      autoFocus={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onChange={(value) => props.onChange(value)}
    />
  );
}

export function TextInput(props: InputProps) {
  const { field } = props;
  if (field.multiple) return <TextsInput {...props} />;
  return (
    <Input
      id={props.id}
      value={typeof props.value === 'string' ? props.value : ''}
      autoFocus={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.invalid || undefined}
      autoComplete="off"
      onChange={(event) => props.onChange(event.target.value === '' ? null : event.target.value)}
    />
  );
}

export function LongTextInput(props: InputProps) {
  return (
    <Input.TextArea
      id={props.id}
      value={typeof props.value === 'string' ? props.value : ''}
      autoSize={{ minRows: 2, maxRows: 10 }}
      autoFocus={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.invalid || undefined}
      onChange={(event) => props.onChange(event.target.value === '' ? null : event.target.value)}
    />
  );
}

const written = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : '';

/**
 * A number as people write it: `1,200`, `¥12.5`, `12万`. What is none is handed on as it was typed,
 * so that it stays and can be complained about. Numbers are put in order when one leaves.
 */
export function NumberInput(props: InputProps & { digits?: number; suffix?: string }) {
  const digits = props.digits ?? props.field.scale ?? 2;
  const [text, setText] = useState(() => written(props.value));
  const told = useRef(props.value);
  // Another value from outside: a draft that was begun anew, a choice that fills several fields.
  if ((told.current ?? null) !== (props.value ?? null)) {
    told.current = props.value;
    setText(written(props.value));
  }
  const change = (next: string) => {
    const parsed = parseNumber(next, digits);
    const value = parsed.ok ? parsed.value : next;
    setText(next);
    told.current = value;
    props.onChange(value);
  };
  return (
    <Input
      id={props.id}
      inputMode="decimal"
      value={text}
      suffix={props.suffix}
      autoFocus={props.autoFocus}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.invalid || undefined}
      autoComplete="off"
      onChange={(event) => change(event.target.value)}
      onBlur={() => {
        if (typeof props.value === 'number') setText(written(props.value));
      }}
    />
  );
}

export function SelectInput(props: InputProps & { multiple?: boolean }) {
  const { t } = useTranslation();
  const { field, multiple } = props;
  return (
    <Select
      id={props.id}
      style={{ width: '100%' }}
      mode={multiple ? 'multiple' : undefined}
      value={props.value ?? undefined}
      allowClear={!field.required}
      autoFocus={props.autoFocus}
      defaultOpen={props.autoFocus}
      showSearch={{ optionFilterProp: 'label' }}
      status={props.invalid ? 'error' : undefined}
      placeholder={props.placeholder ?? t('field.choose')}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      options={(field.options ?? [])
        .filter((option) => option.active !== false || option.value === props.value)
        .map(({ value, label }) => ({ value, label }))}
      onChange={(value) => props.onChange(value === undefined ? null : value)}
    />
  );
}

function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

const allFit = () => undefined;

/** Records under the headings of a text field of theirs; those without come first. */
function grouped(
  rows: readonly RecordData[],
  groupBy: string,
  option: (row: RecordData) => { value: number; label: string },
) {
  const heading = (row: RecordData) => String(row[groupBy] ?? '');
  const names = [...new Set(rows.map(heading))].toSorted((a, b) => a.localeCompare(b, 'zh'));
  return names.flatMap((name): Choice[] => {
    const options = rows.filter((row) => heading(row) === name).map(option);
    return name === '' ? options : [{ label: name, options }];
  });
}
type Choice =
  | { value: number; label: string }
  | { label: string; options: { value: number; label: string }[] };

export function ReferenceInput(props: InputProps) {
  const { t } = useTranslation();
  const { model, descriptor } = useRecordWorld();
  const { field } = props;
  const rules = field.target ? descriptor(field.target)?.choices : undefined;
  // A field has one target for life, so that it is always the same hook.
  const fitting = (rules?.useFilter ?? allFit)(model.holderOf(field));
  const filter = allOf(props.filter, fitting);
  const groupBy = rules?.groupBy;
  const multiple = field.multiple === true;
  const [text, setText] = useState('');
  const [open, setOpen] = useState(props.autoFocus === true);
  const settled = useSettled(text, 220);
  const collection = model.targetCollection(field);
  const title = model.targetTitle(field);
  const { data, isFetching } = useQuery({
    queryKey: ['choices', collection, settled, filter],
    enabled: collection !== null && (open || multiple),
    staleTime: 30_000,
    queryFn: ({ signal }) => {
      const select = `id,${title}${groupBy ? `,${groupBy}` : ''}`;
      const parameters = new URLSearchParams({ $select: select, $top: groupBy ? '200' : '50' });
      if (settled) parameters.set('$search', settled);
      const users = model.object('user')?.fields;
      // Work is given to people who are there to do it.
      if (collection === 'users' && users?.some((each) => each.name === 'status')) {
        parameters.set('$filter', "status eq 'active'");
      }
      if (filter) parameters.set('$filter', filter);
      return get<Page>(`/${collection}?${parameters}`, { signal });
    },
  });
  const names = useNames(multiple ? collection : null, title);
  const optionOf = (row: RecordData) => ({ value: row.id, label: String(row[title] ?? row.id) });
  const rows = data?.value ?? [];
  const options = rows.map(optionOf);
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
    options: groupBy ? grouped(rows, groupBy, optionOf) : options,
  };
  if (multiple) {
    const chosen = Array.isArray(props.value) ? (props.value as number[]) : [];
    for (const id of chosen) {
      if (!options.some((option) => option.value === id) && names?.has(id)) {
        shared.options.push({ value: id, label: names.get(id) ?? '' });
      }
    }
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
