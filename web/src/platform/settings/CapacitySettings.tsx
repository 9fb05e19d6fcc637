import { Gauge } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { labelOf } from '@/record/fields/shared/choices';
import { useDelete } from '@/record/form/useActions';
import { Empty, Pill } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { NewButton, RowButtons, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

/** Whom a rule is for; a rule names its subject by a bare number, whose meaning follows from its kind. */
const subjects = {
  user: { type: 'user', target: 'user' },
  role: { type: 'reference', target: 'role' },
  territory: { type: 'reference', target: 'territory' },
  department: { type: 'department', target: 'department' },
} as const;
type Subject = keyof typeof subjects | 'all';

function Capacity({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const query = useRows('capacity_rules', { orderby: 'created_at' });
  const users = useRows('users', { select: 'id,name' });
  const departments = useRows('departments', { select: 'id,name' });
  const roles = useRows('roles', { select: 'id,label' });
  const territories = useRows('territories', { select: 'id,name' });
  const remove = useDelete(object);
  const refresh = useRefresh('capacity_rules');
  const [editing, setEditing] = useState<{ record: RecordData | null; subject: Subject } | null>(
    null,
  );
  const field = (name: string) => object.fields.find((each) => each.name === name) as FieldMeta;
  const names = useMemo(
    () =>
      new Map([
        ...(users.data ?? []).map((row) => [row.id, String(row.name)] as const),
        ...(departments.data ?? []).map((row) => [row.id, String(row.name)] as const),
        ...(roles.data ?? []).map((row) => [row.id, String(row.label)] as const),
        ...(territories.data ?? []).map((row) => [row.id, String(row.name)] as const),
      ]),
    [users.data, departments.data, roles.data, territories.data],
  );
  const subjectOf = (rule: RecordData) =>
    typeof rule.subject_id === 'number'
      ? (names.get(rule.subject_id) ?? `#${rule.subject_id}`)
      : labelOf(field('subject'), 'all');
  const about = editing && editing.subject !== 'all' ? subjects[editing.subject] : null;
  return (
    <>
      <SectionHead title={t('settings.section.capacity')} text={t('settings.capacity_text')}>
        <NewButton
          label={t('settings.new_capacity')}
          onClick={() => setEditing({ record: null, subject: 'all' })}
        />
      </SectionHead>
      <RowsState query={query} />
      {query.data?.length === 0 && (
        <Empty
          icon={<Gauge size={26} />}
          title={t('settings.no_capacity')}
          text={t('settings.capacity_text')}
        />
      )}
      {query.data && query.data.length > 0 && (
        <div className="card settings-table-box">
          <table className="plain-table settings-table">
            <thead>
              <tr>
                <th scope="col">{field('kind').label}</th>
                <th scope="col">{field('subject').label}</th>
                <th scope="col">{t('settings.subject')}</th>
                <th scope="col" className="settings-number">
                  {field('capacity').label}
                </th>
                <th scope="col">{field('excludes_won').label}</th>
                <th scope="col">
                  <span className="sr-only">{t('common.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((rule) => (
                <tr key={rule.id}>
                  <td>
                    <Pill color={rule.kind === 'lead' ? 'blue' : 'purple'}>
                      {labelOf(field('kind'), rule.kind)}
                    </Pill>
                  </td>
                  <td>{labelOf(field('subject'), rule.subject)}</td>
                  <td>{subjectOf(rule)}</td>
                  <td className="settings-number">
                    {typeof rule.capacity === 'number' ? rule.capacity : t('settings.unlimited')}
                  </td>
                  <td>{rule.excludes_won === true ? t('common.yes') : ''}</td>
                  <RowButtons
                    name={subjectOf(rule)}
                    onEdit={() => setEditing({ record: rule, subject: rule.subject as Subject })}
                    onDelete={() => void remove([rule]).then(refresh)}
                  />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {editing && (
        <RecordEditor
          key={editing.subject}
          object={object}
          title={
            editing.record
              ? `${object.label} · ${subjectOf(editing.record)}`
              : t('settings.new_capacity')
          }
          record={editing.record}
          fields={['kind', ...(about ? ['subject_id'] : []), 'capacity', 'excludes_won']}
          preset={{ subject: editing.subject, kind: 'account', excludes_won: true }}
          override={
            about
              ? {
                  subject_id: {
                    ...about,
                    required: true,
                    label: labelOf(field('subject'), editing.subject),
                  },
                }
              : undefined
          }
          texts={
            typeof editing.record?.subject_id === 'number'
              ? { subject_id: names.get(editing.record.subject_id) }
              : undefined
          }
          before={
            editing.record ? null : (
              <div className="settings-choices" role="group" aria-label={field('subject').label}>
                {(field('subject').options ?? []).map((option) => (
                  <button
                    key={option.value}
                    type="button"
                    aria-pressed={editing.subject === option.value}
                    onClick={() => setEditing({ record: null, subject: option.value as Subject })}
                  >
                    {option.label}
                  </button>
                ))}
              </div>
            )
          }
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export default function CapacitySettings() {
  const { model } = useRecordWorld();
  const object = model.object('capacity_rule');
  return object ? <Capacity object={object} /> : null;
}
