import { CircleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useFormat } from '@/ui/format';
import { Grid } from '@/ui/grid/Grid';
import type { GridColumn, GridSort } from '@/ui/grid/types';
import { useRecordWorld } from '../context';
import { isEditable, kindOf } from '../fields/registry';
import { preloadInputs } from '../fields/shared/lazy';
import { usePaste } from '../paste/usePaste';
import { titleOf } from '../titles';
import type { Save } from '../useSave';
import { CellEditor } from './CellEditor';
import { useLayout, writeLayout } from './listState';
import { useRefused } from './refused';

const noWidths: Record<string, number> = {};

interface RecordGridProps {
  object: ObjectMeta;
  subject: string;
  columns: string[];
  rows: RecordData[];
  loading: boolean;
  hasMore: boolean;
  failure: { message: string; retry: () => void } | null;
  total: number | null;
  onEnd: () => void;
  sort: GridSort | null;
  onSort: (key: string) => void;
  onColumns: (columns: string[]) => void;
  selection: ReadonlySet<number>;
  onSelection: (selection: ReadonlySet<number>) => void;
  openId: number | null;
  save: Save;
  empty: ReactNode;
  readOnly?: boolean;
}

/** About as wide as the heading, and as the longest choice unless that is very long. */
function fittingWidth(field: FieldMeta): number {
  const breadth = (text: string) =>
    [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 13 : 7), 0);
  const choices = (field.options ?? []).map((option) => breadth(option.label) + 40);
  return Math.max(breadth(field.label) + 32, Math.min(170, Math.max(0, ...choices)));
}

/** What was typed and not taken, as it was typed. */
function RefusedText({ text }: { text: string }) {
  return (
    <span className="grid-refused">
      <CircleAlert size={14} aria-hidden="true" />
      <span className="ellipsis">{text}</span>
    </span>
  );
}

/** The grid of records: columns come from the fields, cells from the types of the fields. */
export function RecordGrid(props: RecordGridProps) {
  const { object, columns: names, rows, save } = props;
  const world = useRecordWorld();
  const format = useFormat();
  const { t } = useTranslation();
  const refusedIn = useRefused();
  const { widths = noWidths } = useLayout(object.name);
  useEffect(() => {
    const timer = window.setTimeout(preloadInputs, 1500);
    return () => window.clearTimeout(timer);
  }, []);
  const canEdit = object.rights.includes('edit') && !props.readOnly;

  const special = world.descriptor(object.name);
  const columns = useMemo<GridColumn<RecordData>[]>(() => {
    const collection = (field: FieldMeta) => world.model.targetCollection(field);
    return names.flatMap((name, at) => {
      const field = object.fields.find((candidate) => candidate.name === name);
      if (!field) return [];
      const kind = kindOf(field);
      const Cell = special?.cells?.[name] ?? kind.Cell;
      const own = special?.columnWidths?.[name];
      const fitting = Math.max(kind.width, fittingWidth(field));
      const usual = at === 0 ? Math.max(190, fitting) : fitting;
      const context = { field, format, collection };
      const refused = (row: RecordData) => refusedIn(object.collection, row.id, name);
      const refusedText = (row: RecordData) => {
        const { value, display } = refused(row) ?? {};
        if (display !== undefined) return display;
        return typeof value === 'string' ? value : kind.toText(value, { ...context, record: row });
      };
      const usualCell: GridColumn<RecordData>['cell'] =
        name === object.title_field
          ? (row) => (
              <a
                href={world.hrefOf(object.name, row.id)}
                className="record-link"
                data-open-record
                tabIndex={-1}
              >
                {titleOf(object, row, special?.titleFields)}
              </a>
            )
          : (row) => <Cell field={field} value={row[name]} record={row} />;
      const column: GridColumn<RecordData> = {
        key: name,
        label: field.label,
        width: widths[name] ?? own ?? usual,
        grow:
          at === 0 && !own && !(name in widths) ? kind.width * (kind.multiline ? 3 : 2) : undefined,
        align: kind.align,
        sortable: field.sortable,
        editable: () => canEdit && isEditable(field) && !kind.ownPlace,
        text: (row) => kind.toText(row[name], { ...context, record: row }),
        refusal: (row) => {
          const found = refused(row);
          return found ? (found.message ?? t('record.not_saved_yet')) : null;
        },
        cell: (row) => (refused(row) ? <RefusedText text={refusedText(row)} /> : usualCell(row)),
      };
      return [column];
    });
  }, [names, object, widths, canEdit, format, special, refusedIn, t, world.hrefOf, world.model]);
  const paste = usePaste(object, props.hasMore);
  const resize = (key: string, width: number) =>
    writeLayout(object.name, { widths: { ...widths, [key]: Math.round(width) } });
  const move = (key: string, before: string) => {
    const without = names.filter((name) => name !== key);
    without.splice(Math.max(1, without.indexOf(before)), 0, key);
    props.onColumns(without);
  };
  return (
    <Grid<RecordData>
      label={object.label_plural}
      subject={props.subject}
      columns={columns}
      rows={rows}
      rowLabel={(row) => titleOf(object, row, special?.titleFields)}
      loading={props.loading}
      hasMore={props.hasMore}
      failure={props.failure}
      total={props.total}
      onEnd={props.onEnd}
      sort={props.sort}
      onSort={props.onSort}
      selection={props.selection}
      onSelection={props.onSelection}
      openId={props.openId}
      onOpen={(row, newTab) => world.openRecord(object.name, row.id, { newTab })}
      onResize={resize}
      onMove={move}
      onPaste={canEdit ? paste : undefined}
      renderEditor={({ row, column, close }) => (
        <CellEditor
          key={`${row.id}.${column.key}`}
          object={object}
          record={row}
          name={column.key}
          save={save}
          onClose={close}
        />
      )}
      empty={props.empty}
    />
  );
}
