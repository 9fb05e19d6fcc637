import type { FieldKind } from '../kind';
import { labelOf, SelectCell } from '../shared/choices';
import { SelectInput } from '../shared/lazy';

export const kind: FieldKind = {
  Cell: SelectCell,
  Input: SelectInput,
  align: 'start',
  width: 112,
  operators: ['in', 'not_in', 'eq', 'ne', 'empty', 'not_empty'],
  toText: (value, { field }) => labelOf(field, value),
  fromText: (text, field) => {
    const clean = text.trim();
    if (clean === '') return { ok: true, value: null };
    const option = field.options?.find(({ value, label }) => label === clean || value === clean);
    return option ? { ok: true, value: option.value } : { ok: false };
  },
  instant: true,
};
