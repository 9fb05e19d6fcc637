import { type ReactNode, useEffect, useMemo } from 'react';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useFormat } from '@/ui/format';
import { Grid } from '@/ui/grid/Grid';
import type { GridColumn, GridSort } from '@/ui/grid/types';
import { useRecordWorld } from '../context';
import { isEditable, kindOf } from '../fields/registry';
import { preloadInputs } from '../fields/shared/lazy';
import { titleOf } from '../titles';
import type { Save } from '../useSave';
import { CellEditor } from './CellEditor';
import { useLayout, writeLayout } from './listState';
import { usePaste } from './usePaste';

const noWidths: Record<string, number> = {};

interface RecordGridProps {
  object: ObjectMeta;
  columns: string[];
  rows: RecordData[];
  loading: boolean;
  hasMore: boolean;
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

/** The grid of records: columns come from the fields, cells from the types of the fields. */
export function RecordGrid(props: RecordGridProps) {
  const { object, columns: names, rows, save } = props;
  const world = useRecordWorld();
  const format = useFormat();
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
      const column: GridColumn<RecordData> = {
        key: name,
        label: field.label,
        width: widths[name] ?? own ?? usual,
        grow:
          at === 0 && !own && !(name in widths) ? kind.width * (kind.multiline ? 3 : 2) : undefined,
        align: kind.align,
        sortable: field.sortable,
        editable: () => canEdit && isEditable(field),
        text: (row) => kind.toText(row[name], { ...context, record: row }),
        cell:
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
            : (row) => <Cell field={field} value={row[name]} record={row} />,
      };
      return [column];
    });
  }, [names, object, widths, canEdit, format, special, world.hrefOf, world.model]);
  const paste = usePaste(object, rows, names, save);
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
      columns={columns}
      rows={rows}
      rowLabel={(row) => titleOf(object, row, special?.titleFields)}
      loading={props.loading}
      hasMore={props.hasMore}
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
