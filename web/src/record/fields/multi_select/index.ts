import type { FieldKind } from '../kind';
import { labelOf, MultiSelectCell } from '../shared/choices';
import { MultiSelectInput } from '../shared/lazy';

export const kind: FieldKind = {
  Cell: MultiSelectCell,
  Input: MultiSelectInput,
  align: 'start',
  width: 180,
  operators: ['has', 'has_not'],
  toText: (value, { field }) =>
    Array.isArray(value) ? value.map((each) => labelOf(field, each)).join('、') : '',
  fromText: (text, field) => {
    const values: string[] = [];
    for (const part of text.split(/[、,，;；]/)) {
      const clean = part.trim();
      if (clean === '') continue;
      const option = field.options?.find(({ value, label }) => label === clean || value === clean);
      if (!option) return { ok: false };
      values.push(option.value);
    }
    return { ok: true, value: values };
  },
};
