import type { AttachedFile } from './files';

/** The shapes that go over the wire. Names are those of the server, word for word. */

export type Language = 'zh-CN' | 'zh-TW' | 'en';
export type ThemeChoice = 'light' | 'dark' | 'system';

export interface Session {
  user: {
    id: number;
    login: string;
    name: string;
    language: Language;
    theme: ThemeChoice;
    department: { id: number; name: string } | null;
    roles: { name: string; label: string }[];
    is_admin: boolean;
    /** The password was given by somebody else. */
    must_change_password?: boolean;
  };
  csrf_token: string;
  organisation: { name: string; time_zone: string; currency: string };
}

export const fieldTypes = [
  'text',
  'long_text',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'datetime',
  'boolean',
  'select',
  'multi_select',
  'phone',
  'email',
  'url',
  'reference',
  'user',
  'department',
  'region',
  'address',
  'serial',
  'file',
] as const;
export type FieldType = (typeof fieldTypes)[number];

export interface Option {
  value: string;
  label: string;
  color?: string | null;
  /** Retired options name what older records hold but are not offered any more. */
  active?: boolean;
}

export interface FieldMeta {
  name: string;
  /** The object that has it, or whose action asks for it; changed copies keep it. */
  holder?: string;
  type: FieldType;
  label: string;
  help?: string;
  required?: boolean;
  read_only?: boolean;
  max_length?: number;
  /** Of a field of files: how many. */
  maximum?: number;
  scale?: number;
  options?: Option[];
  /** Where the options come from when they are not the field's own. */
  picklist?: string;
  /** Kept by the server for every record (owner, times, version). */
  system?: boolean;
  target?: string;
  multiple?: boolean;
  default?: unknown;
  sortable?: boolean;
  filterable?: boolean;
  masked?: boolean;
  group?: string;
}

export interface ActionMeta {
  name: string;
  label: string;
  bulk?: boolean;
  danger?: boolean;
  /** false: no menu offers it, a screen of its own does. */
  listed?: boolean;
  icon?: string;
  on?: string;
  enabled_when?: string;
  input?: FieldMeta[];
}

export interface ViewMeta {
  name: string;
  label: string;
  filter?: string;
  columns?: string[];
  orderby?: string;
}

export interface ObjectMeta {
  name: string;
  collection: string;
  label: string;
  label_plural: string;
  icon?: string;
  group?: string;
  title_field: string;
  /** Settings: no owner, no recycle bin. */
  configuration?: boolean;
  owned?: boolean;
  pooled?: string | null;
  history?: boolean;
  /** People can be made members of single records. */
  members?: boolean;
  rights: string[];
  fields: FieldMeta[];
  layout: { label: string; fields: string[] }[];
  list: { columns: string[]; orderby?: string };
  views: ViewMeta[];
  related: { object: string; field: string; label: string }[];
  actions: ActionMeta[];
}

export interface Meta {
  language: Language;
  objects: ObjectMeta[];
  picklists: Record<string, Option[]>;
  /** Most bytes of one attached file. */
  file_size_limit?: number;
}

/** One record; which fields are there depends on the request and on what its reader may see. */
export interface RecordData {
  id: number;
  '@odata.etag'?: string;
  [field: string]: unknown;
}

export interface Page<T = RecordData> {
  value: T[];
  '@odata.count'?: number;
  '@kehai.count'?: { value: number; exact: boolean };
  '@odata.nextLink'?: string;
}

/** Why one record among many was left as it was: what the answer for it alone would say. */
export interface BulkFailure {
  id: number;
  code: string;
  message: string;
  hits?: DuplicateHit[];
  /** The input for a reason that would let it pass. */
  reason_field?: string;
}

export interface BulkResult {
  ok: number[];
  failed: BulkFailure[];
}

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export interface Conflict {
  field: string;
  yours: unknown;
  theirs: unknown;
}

export interface DuplicateHit {
  tier: 'E' | 'N' | 'F';
  object: string;
  object_label: string;
  id: number | null;
  name: string;
  visible: boolean;
  matched: string[];
  evidence: string[];
  score: number;
  state: 'owned' | 'open' | 'pool' | 'voided' | 'deleted' | 'converted';
  owner: string | null;
  owner_text?: string;
  /** Of a hidden record's owner, where the organisation tells of him. */
  owner_department?: string | null;
  /** Met by a number that many records share. */
  public_number?: boolean;
  /** What is being entered is a branch of this one. */
  head_office?: boolean;
  /** The field of what is being entered that could name this record. */
  proposes?: Record<string, number> | null;
  last_activity_on: string | null;
  won: boolean;
  /** What this person can do about it: open, join, arbitrate, claim, restore. */
  actions: string[];
  /** Stands for a record that may not be seen when its owner is asked, or it is disputed. */
  ticket?: string;
}

/** Something about a value that is valid, or nearly. */
export interface ValueHint {
  field: string;
  code: string;
  message: string;
  /** What may have been meant. */
  suggestion: string | null;
}

export interface DuplicateAnswer {
  verdict: 'none' | 'warn' | 'block';
  hits: DuplicateHit[];
  hints?: ValueHint[];
}

export interface TimelineEntry {
  kind: 'activity' | 'create' | 'change' | 'stage' | 'owner' | 'action' | 'merge';
  at: string;
  by: { id: number; name: string } | null;
  object?: string;
  record_id?: number;
  record_title?: string;
  activity?: {
    id: number;
    method: string;
    content: string;
    outcome?: string | null;
    /** What the customer said. */
    feedback?: string | null;
    next_plan?: string | null;
    /** Without an id: somebody whom this person may not see. */
    contacts?: { id: number | null; name: string }[];
    comment_count?: number;
    next_contact_at?: string | null;
    target_object?: string;
    target_id?: number;
    attachments?: AttachedFile[];
    version?: number;
    editable?: boolean;
    /** One's own, too old to be changed: another follow-up may correct it. */
    correctable?: boolean;
    corrects_id?: number | null;
  };
  changes?: { field: string; label: string; before: string | null; after: string | null }[];
  from?: string | null;
  to?: string | null;
  reason?: string | null;
  action?: string;
  label?: string;
  /** Title of the merged record whose history this is. */
  of?: string;
  merge_id?: number;
  merged?: string[];
  undone?: boolean;
  /** Until when this person may take the merge back. */
  undoable_until?: string | null;
}

export interface SearchHit {
  object: string;
  id: number;
  title: string;
  subtitle?: string;
  score?: number;
}

export interface Workbench {
  as_of: string;
  scope: string;
  scopes: string[];
  figures: {
    name: string;
    value: number;
    unit: 'count' | 'money';
    previous: number | null;
    change_percent: number | null;
  }[];
  tasks: {
    id: number;
    title: string;
    due_at: string | null;
    overdue: boolean;
    object: string | null;
    record_id: number | null;
    record_title: string | null;
  }[];
  calls: {
    object: string;
    id: number;
    title: string;
    contact: string | null;
    phone: string | null;
    reason: string | null;
    next_contact_at: string | null;
  }[];
  funnel: {
    stage_id: number;
    name: string;
    count: number;
    amount: number | null;
    conversion_percent: number | null;
    kind: string;
  }[];
  trend: { month: string; won_amount: number; won_count: number }[];
  ranking: { user_id: number; name: string; won_amount: number; won_count: number }[];
  recent: TimelineEntry[];
}

export interface Stage {
  id: number;
  name: string;
  kind: 'open' | 'won' | 'lost' | 'invalid';
  probability?: number | null;
  color?: string | null;
}

export interface BoardColumn {
  stage: Stage;
  count: number;
  /** In the currency of the organisation; null when amounts are not for this person. */
  amount: number | null;
  other_amounts: { currency: string; amount: number }[];
  cards: RecordData[];
  next: string | null;
}

export interface BoardAnswer {
  pipeline: { id: number; name: string };
  columns: BoardColumn[];
}

export interface Notification extends RecordData {
  kind: string;
  text: string;
  object: string | null;
  record_id: number | null;
  read_at: string | null;
  created_at: string;
}

export interface Region {
  id: number;
  name: string;
  parent_id: number | null;
  level: number;
}

export interface RecordEvent {
  object: string;
  id: number;
  version: number;
  kind: 'created' | 'updated' | 'deleted' | 'members';
}
