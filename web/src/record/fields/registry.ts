import { isReference } from '@/api/meta';
import type { FieldMeta, FieldType } from '@/api/types';
import { kind as address } from './address';
import { kind as boolean } from './boolean';
import { kind as date } from './date';
import { kind as datetime } from './datetime';
import { kind as decimal } from './decimal';
import { kind as department } from './department';
import { kind as email } from './email';
import { kind as file } from './file';
import { kind as integer } from './integer';
import type { FieldKind } from './kind';
import { kind as longText } from './long_text';
import { kind as money } from './money';
import { kind as multiSelect } from './multi_select';
import { kind as percent } from './percent';
import { kind as phone } from './phone';
import { kind as reference } from './reference';
import { manyRegions, kind as region } from './region';
import { kind as select } from './select';
import { kind as serial } from './serial';
import { manyTexts } from './shared/manyTexts';
import { manyReferences } from './shared/references';
import { kind as text } from './text';
import { kind as url } from './url';
import { kind as user } from './user';

/** One entry for each type of field; the compiler refuses a missing one. */
export const fieldKinds: Record<FieldType, FieldKind> = {
  address,
  boolean,
  date,
  datetime,
  decimal,
  department,
  email,
  file,
  integer,
  long_text: longText,
  money,
  multi_select: multiSelect,
  percent,
  phone,
  reference,
  region,
  select,
  serial,
  text,
  url,
  user,
};

export function kindOf(field: FieldMeta): FieldKind {
  if (field.multiple && isReference(field)) return manyReferences;
  if (field.multiple && (field.type === 'text' || field.type === 'phone')) return manyTexts;
  if (field.multiple && field.type === 'region') return manyRegions;
  return fieldKinds[field.type] ?? text;
}

/** Whether somebody with the right to edit may type into this field. */
export function isEditable(field: FieldMeta): boolean {
  return !field.read_only && kindOf(field).Input !== null;
}
