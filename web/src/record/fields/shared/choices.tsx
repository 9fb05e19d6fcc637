import type { FieldMeta } from '@/api/types';
import { Pill } from '@/ui/basics';
import type { CellProps } from '../kind';

export function labelOf(field: FieldMeta, value: unknown): string {
  if (value === null || value === undefined) return '';
  return field.options?.find((option) => option.value === value)?.label ?? String(value);
}

export function SelectCell({ field, value }: CellProps) {
  if (value === null || value === undefined || value === '') return null;
  const option = field.options?.find((candidate) => candidate.value === value);
  if (!option?.color) return <span className="t">{option?.label ?? String(value)}</span>;
  return (
    <Pill color={option.color} dot={option.label.length > 1}>
      {option.label}
    </Pill>
  );
}

export function MultiSelectCell({ field, value }: CellProps) {
  if (!Array.isArray(value)) return null;
  return (
    <span className="line" style={{ gap: 4 }}>
      {value.map((each) => {
        const option = field.options?.find((candidate) => candidate.value === each);
        return (
          <Pill key={String(each)} color={option?.color}>
            {option?.label ?? String(each)}
          </Pill>
        );
      })}
    </span>
  );
}
