import { useQuery } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import type { GridMove } from '@/ui/grid/types';
import { useShortcuts } from '@/ui/keyboard';
import { useRecordWorld } from '../context';
import { isEditable, kindOf } from '../fields/registry';
import { referenceText } from '../fields/shared/references';
import { CellEditor } from '../list/CellEditor';
import { type Refused, useRefused } from '../list/refused';
import { useSave } from '../useSave';

const FilesOnPage = lazy(() => import('../fields/file/FilesOnPage'));

function isBlank(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

function Value({ field, record }: { field: FieldMeta; record: RecordData }) {
  const world = useRecordWorld();
  const value = record[field.name];
  const { Cell } = kindOf(field);
  if (isBlank(value)) return <span className="blank">—</span>;
  if (field.type === 'phone' && typeof value === 'string' && !value.includes('*')) {
    return <a href={`tel:${value.replace(/\s/g, '')}`}>{value}</a>;
  }
  if (field.type === 'email') return <a href={`mailto:${String(value)}`}>{String(value)}</a>;
  if (field.type === 'reference' && field.target && !field.multiple) {
    const target = world.model.object(field.target);
    if (target && target.group !== 'settings' && typeof value === 'number') {
      return (
        <a
          href={world.hrefOf(target.name, value)}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            world.openRecord(target.name, value, { page: true });
          }}
        >
          {referenceText(field, record)}
        </a>
      );
    }
  }
  if (field.type === 'long_text' || field.type === 'address') {
    return <span className="long-value">{String(value)}</span>;
  }
  return <Cell field={field} value={value} record={record} />;
}

/** What was typed and not taken; a click goes on with it. */
function RefusedValue({
  field,
  record,
  refused,
  onEdit,
}: {
  field: FieldMeta;
  record: RecordData;
  refused: Refused;
  onEdit: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { value, display, message } = refused;
  const typed =
    typeof value === 'string' ? value : kindOf(field).toText(value, { field, record, format });
  return (
    <div className="refused-value">
      <button
        type="button"
        aria-label={`${t('record.edit_field', { field: field.label })}: ${display ?? typed}`}
        onClick={onEdit}
      >
        {display ?? typed}
      </button>
      <div className="grid-editor-error">{message ?? t('record.not_saved_yet')}</div>
    </div>
  );
}

/** The fields with a number that many records have: it tells nobody who somebody is. */
function useSharedNumbers(object: ObjectMeta, record: RecordData): string[] {
  const { descriptor } = useRecordWorld();
  const checked = descriptor(object.name)?.duplicateFields ?? [];
  const numbers = object.fields.flatMap(({ name, type }) =>
    type === 'phone' && checked.includes(name) && !isBlank(record[name])
      ? [String(record[name])]
      : [],
  );
  const { data } = useQuery({
    queryKey: ['public_numbers', object.collection, record.id, numbers],
    enabled: numbers.length > 0 && !record.deleted_at,
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      get<{ fields: string[] }>(`/${object.collection}/${record.id}/public_numbers`, { signal }),
  });
  return data?.fields ?? [];
}

/** The fields of a record in the groups of its layout; each is edited where it stands. */
export function FieldList({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const save = useSave(object);
  const [editing, setEditing] = useState<string | null>(null);
  const refusedIn = useRefused();
  const shared = useSharedNumbers(object, record);
  const canEdit = object.rights.includes('edit');
  const changeable = (field: FieldMeta) => canEdit && isEditable(field);
  // Who does not see which files there are cannot add to them either.
  const showsFiles = (field: FieldMeta) =>
    field.type === 'file' && !field.masked && (changeable(field) || !isBlank(record[field.name]));
  const editable = (field: FieldMeta) => changeable(field) && !kindOf(field).ownPlace;
  const { descriptor } = useRecordWorld();
  const hidesBlank = descriptor(object.name)?.hidesBlank === true;
  const layout = object.layout
    .map((group) => ({
      ...group,
      fields: group.fields.filter((name) => !hidesBlank || !isBlank(record[name])),
    }))
    .filter((group) => group.fields.length > 0);
  const order = layout.flatMap((group) => group.fields);

  useShortcuts({
    e: () => {
      const first = order.find((name) => {
        const field = object.fields.find((candidate) => candidate.name === name);
        return field && editable(field);
      });
      if (first) setEditing(first);
    },
  });

  /** Another field may have its editor by now: a save that ends late leaves it alone. */
  const close = (name: string, move?: GridMove) => {
    const open = order.filter((candidate) => {
      const field = object.fields.find((each) => each.name === candidate);
      return field && editable(field);
    });
    const isOver = move === undefined || move === 'down' || move === 'away';
    const next = isOver ? undefined : open[open.indexOf(name) + (move === 'right' ? 1 : -1)];
    setEditing((current) => (current === name ? (next ?? null) : current));
  };

  return (
    <div className="field-groups">
      {layout.map((group) => (
        <section key={group.label} aria-label={group.label || t('record.more_fields')}>
          <h3>{group.label || t('record.more_fields')}</h3>
          <dl>
            {group.fields.map((name) => {
              const field = object.fields.find((candidate) => candidate.name === name);
              if (!field) return null;
              const refused = editable(field) && refusedIn(object.collection, record.id, name);
              return (
                <div
                  key={name}
                  className="field-value"
                  data-editing={editing === name || undefined}
                >
                  <dt>{field.label}</dt>
                  <dd>
                    {showsFiles(field) ? (
                      <Suspense fallback={<span className="value" aria-busy="true" />}>
                        <FilesOnPage
                          object={object}
                          record={record}
                          field={field}
                          save={save}
                          editable={changeable(field)}
                        />
                      </Suspense>
                    ) : editing === name ? (
                      <CellEditor
                        object={object}
                        record={record}
                        name={name}
                        save={save}
                        onClose={(move) => close(name, move)}
                      />
                    ) : refused ? (
                      <RefusedValue
                        field={field}
                        record={record}
                        refused={refused}
                        onEdit={() => setEditing(name)}
                      />
                    ) : (
                      <>
                        <span className="value">
                          <Value field={field} record={record} />
                          {shared.includes(name) && (
                            <>
                              {' '}
                              <Pill color="orange">{t('duplicate.public_number')}</Pill>
                            </>
                          )}
                        </span>
                        {editable(field) && (
                          <button
                            type="button"
                            className="edit-button"
                            aria-label={t('record.edit_field', { field: field.label })}
                            onClick={() => setEditing(name)}
                          >
                            <Pencil size={13} aria-hidden="true" />
                          </button>
                        )}
                      </>
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
      ))}
    </div>
  );
}
