import { ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useDelete } from '@/record/form/useActions';
import { Empty, Person } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { NewButton, RowButtons, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

function Stewards({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const query = useRows('data_stewards', { orderby: 'created_at' });
  const users = useRows('users', { select: 'id,name' });
  const departments = useRows('departments', { select: 'id,name' });
  const remove = useDelete(object);
  const refresh = useRefresh('data_stewards');
  const [editing, setEditing] = useState<RecordData | 'new' | null>(null);
  const field = (name: string) => object.fields.find((each) => each.name === name) as FieldMeta;
  const names = useMemo(
    () =>
      new Map(
        [...(users.data ?? []), ...(departments.data ?? [])].map(
          (row) => [row.id, String(row.name)] as const,
        ),
      ),
    [users.data, departments.data],
  );
  const nameOf = (id: unknown) =>
    typeof id === 'number' ? (names.get(id) ?? `#${id}`) : t('settings.whole_company');
  return (
    <>
      <SectionHead title={t('settings.section.stewards')} text={t('settings.stewards_text')}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing('new')}
        />
      </SectionHead>
      <RowsState query={query} />
      {query.data?.length === 0 && (
        <Empty
          icon={<ShieldCheck size={26} />}
          title={t('settings.no_stewards')}
          text={t('settings.stewards_text')}
        />
      )}
      {query.data && query.data.length > 0 && (
        <div className="card settings-table-box">
          <table className="plain-table settings-table">
            <thead>
              <tr>
                <th scope="col">{field('user_id').label}</th>
                <th scope="col">{field('department_id').label}</th>
                <th scope="col">
                  <span className="sr-only">{t('common.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((steward) => (
                <tr key={steward.id}>
                  <td>
                    <Person name={nameOf(steward.user_id)} />
                  </td>
                  <td>{nameOf(steward.department_id)}</td>
                  <RowButtons
                    name={nameOf(steward.user_id)}
                    onEdit={() => setEditing(steward)}
                    onDelete={() => void remove([steward]).then(refresh)}
                  />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing === 'new' ? null : editing}
          fields={['user_id', 'department_id']}
          texts={
            editing === 'new'
              ? undefined
              : {
                  user_id: names.get(Number(editing.user_id)),
                  department_id: names.get(Number(editing.department_id)),
                }
          }
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export default function StewardSettings() {
  const { model } = useRecordWorld();
  const object = model.object('data_steward');
  return object ? <Stewards object={object} /> : null;
}
