import { Input } from 'antd';
import type { CellProps, InputProps, OperatorName, Parsed } from '../kind';

export function TextCell({ value }: CellProps) {
  return <span className="t">{value === null || value === undefined ? '' : String(value)}</span>;
}

export function TextInput(props: InputProps) {
  const { field } = props;
  return (
    <Input
      id={props.id}
      value={typeof props.value === 'string' ? props.value : ''}
      maxLength={field.max_length || undefined}
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

export const textOperators: readonly OperatorName[] = [
  'contains',
  'not_contains',
  'eq',
  'ne',
  'startswith',
  'empty',
  'not_empty',
];

export const plainText = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value);

export const parseText = (text: string): Parsed => ({
  ok: true,
  value: text.trim() === '' ? null : text.trim(),
});
