import type { ComponentType } from 'react';
import type { FieldMeta, RecordData } from '@/api/types';
import type { Format } from '@/ui/format';

export interface CellProps {
  field: FieldMeta;
  value: unknown;
  record: RecordData;
}

export interface InputProps {
  id?: string;
  field: FieldMeta;
  value: unknown;
  /** `display` is the text of a chosen reference, for showing it before the server answers. */
  onChange: (value: unknown, display?: string) => void;
  /** The text of the present value, when it is a reference. */
  display?: string;
  autoFocus?: boolean;
  invalid?: boolean;
  describedBy?: string;
  label?: string;
  placeholder?: string;
  /** A condition that the records to choose from have to meet. */
  filter?: string;
  /** What the other fields of the form hold. */
  others?: Readonly<Record<string, unknown>>;
}

export type OperatorName =
  | 'eq'
  | 'ne'
  | 'contains'
  | 'not_contains'
  | 'startswith'
  | 'gt'
  | 'ge'
  | 'lt'
  | 'le'
  | 'in'
  | 'not_in'
  | 'empty'
  | 'not_empty'
  | 'has'
  | 'has_not'
  | 'last_days'
  | 'next_days'
  | 'is_me'
  | 'is_true'
  | 'is_false'
  | 'is_today'
  | 'is_past'
  | 'is_future';

export interface TextContext {
  field: FieldMeta;
  record: RecordData;
  format: Format;
  /** Where the records lie that a field refers to. */
  collection?: (field: FieldMeta) => string | null;
}

export type UnreadableKey = 'field.no_number' | 'field.no_date' | 'field.no_time';

export type Parsed = { ok: true; value: unknown } | { ok: false };

/** Everything the generic screens need to know about one type of field. */
export interface FieldKind {
  Cell: ComponentType<CellProps>;
  /** Null for values that nobody types. */
  Input: ComponentType<InputProps> | null;
  align: 'start' | 'end';
  width: number;
  operators: readonly OperatorName[];
  toText: (value: unknown, context: TextContext) => string;
  /** Reads what was pasted; names of other records are looked up instead (`lookUp`). */
  fromText: ((text: string, field: FieldMeta, format: Format) => Parsed) | null;
  /**
   * Of types whose values are not simply texts: what to say about a text that somebody typed and
   * that is none of their values; null when it is one. Inputs hand on such texts as they are.
   */
  unreadable?: (text: string) => UnreadableKey | null;
  /** The value closes the editor as soon as it was chosen. */
  instant?: boolean;
  /** Enter makes a new line instead of saving. */
  multiline?: boolean;
  /** It is changed where it stands on the record's page, never in the cell of a grid. */
  ownPlace?: boolean;
}

export const emptyOperators = ['empty', 'not_empty'] as const;
