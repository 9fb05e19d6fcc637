import {
  type ComponentType,
  createContext,
  type LazyExoticComponent,
  type ReactNode,
  useContext,
} from 'react';
import type { Model } from '@/api/meta';
import type { ActionMeta, ObjectMeta, RecordData } from '@/api/types';
import type { CellProps } from './fields/kind';
import type { ListSearch } from './list/listState';

/** What a special dialog of an action gets. */
export interface ActionDialogProps {
  object: ObjectMeta;
  action: ActionMeta;
  records: RecordData[];
  /** Input that is known already and not asked for. */
  given?: Record<string, unknown>;
  onClose: () => void;
  onDone: (record: RecordData | null) => void;
}

export interface ModeProps {
  object: ObjectMeta;
  /** What the address says, and the way to change it. */
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>, options?: { replace?: boolean }) => void;
  /** Where the mode may put controls of its own: the end of the tool bar. */
  tools: HTMLElement | null;
}

/** Who looks at a record. */
export interface Viewer {
  me: number;
  isAdmin: boolean;
}

type Lazy<Props> = LazyExoticComponent<ComponentType<Props>>;

/**
 * What a module adds to the generic screens of its object. Everything is optional: an object
 * without a descriptor still has a list, a form and a page.
 */
export interface ModuleDescriptor {
  object: string;
  navigation?: { group: 'work' | 'sales'; order: number; shortcut?: string };
  /** A page in place of list and records, for those with the right; `label` is a key of the texts. */
  page?: { path: string; right: string; label: string; icon: string };
  /** Words that find the object in the command palette besides its label (pinyin, initials). */
  keywords?: string;
  /** Fields that a new record asks for first. */
  createFields?: string[];
  /** Fields that the duplicate check looks at while somebody types. */
  duplicateFields?: string[];
  /** What names a record better than its own title, for those who may see it. */
  titleFields?: string[];
  /** Facts under the title of the record page. */
  headerFields?: string[];
  /** Cells of the list that show more than their type of field does; must be cheap. */
  cells?: Record<string, ComponentType<CellProps>>;
  /** Widths of columns in pixels where the width of the type does not fit. */
  columnWidths?: Record<string, number>;
  /** What a column sorts by when that is not its own value: the order of stages, not their ids. */
  sortsBy?: Record<string, string>;
  /** The page leaves out fields that hold nothing: they are not for everybody, and nobody fills them. */
  hidesBlank?: boolean;
  /** The second and third line of a card on the phone. */
  cardFields?: string[];
  /** The most used actions, shown as buttons; the others are in the menu. */
  primaryActions?: string[];
  /** Actions that have a place of their own on the page, such as the stage bar. */
  placedActions?: string[];
  /** Actions that the record is ready for, but that are not for this person. */
  withholds?: (action: string, record: RecordData, viewer: Viewer) => boolean;
  /** What an empty list says, when it is not to create the first record: a part of the texts. */
  emptyTexts?: { title: string; text: string };
  /** How its records are offered where a field refers to them. */
  choices?: {
    /** Which of them fit a field of this object; a hook, nothing = all. */
    useFilter?: (holder: ObjectMeta | undefined) => string | undefined;
    /** A text field of theirs under whose values they stand. */
    groupBy?: string;
  };
  /** The record whose timeline holds this one, for objects without one of their own. */
  timelineOf?: (record: RecordData) => { object: string; id: number } | null;
  /** Follow-ups can be written for this object. */
  followUps?: boolean;
  board?: Lazy<ModeProps>;
  actionDialogs?: Record<string, Lazy<ActionDialogProps>>;
  /** Shown between the header and the body of the record page, such as the stage bar. */
  Banner?: Lazy<{ object: ObjectMeta; record: RecordData }>;
}

export interface RecordWorld {
  model: Model;
  me: number;
  isAdmin: boolean;
  descriptor: (object: string) => ModuleDescriptor | undefined;
  descriptors: readonly ModuleDescriptor[];
  /** Shows a record: beside the list that is open, or on its own page. */
  openRecord: (
    object: string,
    id: number,
    options?: { newTab?: boolean; page?: boolean; replace?: boolean },
  ) => void;
  hrefOf: (object: string, id: number) => string;
  /** Opens the form for a new record. */
  create: (
    object: string,
    preset?: Record<string, unknown>,
    displays?: Record<string, string>,
  ) => void;
}

const RecordContext = createContext<RecordWorld | null>(null);

export function RecordWorldProvider({
  value,
  children,
}: {
  value: RecordWorld;
  children: ReactNode;
}) {
  return <RecordContext.Provider value={value}>{children}</RecordContext.Provider>;
}

export function useRecordWorld(): RecordWorld {
  const world = useContext(RecordContext);
  if (!world) throw new Error('useRecordWorld outside of RecordWorldProvider');
  return world;
}
