import { Pencil, Trash2, Waves } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { isEditable } from '@/record/fields/registry';
import { labelOf } from '@/record/fields/shared/choices';
import { useDelete } from '@/record/form/useActions';
import { Empty, Pill } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { asFieldChoice, NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

const fields = [
  'name',
  'kind',
  'is_enabled',
  'is_default',
  'admin_user_ids',
  'member_user_ids',
  'member_department_ids',
  'member_role_ids',
  'member_territory_ids',
  'daily_limit',
  'freeze_days',
  'cooldown_days',
  'hidden_fields',
  'department_id',
  'region_id',
  'recycle_first_hours',
  'recycle_follow_days',
  'recycle_opportunity_days',
  'recycle_deal_days',
  'recycle_protect_days',
  'recycle_after_protection',
  'recycle_working_days',
  'recycle_takes_won',
];

/** Triggers of the automatic return that only one kind of pool knows. */
const onlyFor: Record<string, string> = {
  recycle_first_hours: 'lead',
  recycle_opportunity_days: 'account',
  recycle_deal_days: 'account',
  recycle_after_protection: 'account',
  recycle_takes_won: 'account',
};

function Pools({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const query = useRows('pools', {
    orderby: 'name',
    expand: 'department($select=name)',
  });
  const users = useRows('users', { select: 'id,name' });
  const departments = useRows('departments', { select: 'id,name' });
  const roles = useRows('roles', { select: 'id,label' });
  const territories = useRows('territories', { select: 'id,name' });
  const remove = useDelete(object);
  const refresh = useRefresh('pools');
  const [editing, setEditing] = useState<RecordData | string | null>(null);
  const kinds = object.fields.find((field) => field.name === 'kind') as FieldMeta;
  const title = (row: RecordData | undefined) => row?.name ?? row?.label;
  const names = (rows: RecordData[] | undefined, ids: unknown) =>
    ((ids as number[] | undefined) ?? []).map((id) =>
      String(title(rows?.find((row) => row.id === id)) ?? `#${id}`),
    );
  const facts = (pool: RecordData): [string, string][] => {
    const members = [
      ...names(departments.data, pool.member_department_ids),
      ...names(roles.data, pool.member_role_ids),
      ...names(territories.data, pool.member_territory_ids),
      ...names(users.data, pool.member_user_ids),
    ];
    const held = model.object(String(pool.kind));
    const hidden = ((pool.hidden_fields as string[] | undefined) ?? []).map(
      (name) => held?.fields.find((field) => field.name === name)?.label ?? name,
    );
    const label = (name: string) =>
      object.fields.find((field) => field.name === name)?.label ?? name;
    const days = (value: unknown) =>
      value === null || value === undefined || value === 0
        ? t('settings.none')
        : t('settings.days', { count: Number(value) });
    const separator = t('common.list_separator');
    return [
      [label('admin_user_ids'), names(users.data, pool.admin_user_ids).join(separator)],
      [
        label('member_user_ids'),
        members.length === 0 ? t('settings.everyone') : members.join(separator),
      ],
      [
        label('daily_limit'),
        typeof pool.daily_limit === 'number' ? String(pool.daily_limit) : t('settings.unlimited'),
      ],
      [label('freeze_days'), days(pool.freeze_days)],
      [label('cooldown_days'), days(pool.cooldown_days)],
      [label('recycle_follow_days'), days(pool.recycle_follow_days)],
      [label('hidden_fields'), hidden.join(separator) || t('settings.none')],
    ];
  };
  const kindOfEdit =
    typeof editing === 'string' ? editing : editing ? String(editing.kind) : 'lead';
  const held = model.object(kindOfEdit);
  return (
    <>
      <SectionHead title={t('settings.section.pools')} text={t('settings.pools_text')}>
        {(kinds.options ?? []).map((kind) => (
          <NewButton
            key={kind.value}
            label={t(`settings.new_pool.${kind.value}`)}
            onClick={() => setEditing(kind.value)}
          />
        ))}
      </SectionHead>
      <RowsState query={query} />
      {query.data?.length === 0 && (
        <Empty
          icon={<Waves size={26} />}
          title={t('empty.none_title', { object: object.label_plural })}
          text={t('settings.pools_text')}
        />
      )}
      <div className="settings-cards">
        {(query.data ?? []).map((pool) => (
          <article key={pool.id} className="card settings-card" aria-label={String(pool.name)}>
            <header className="line">
              <h3 className="ellipsis">{String(pool.name)}</h3>
              <Pill color={pool.kind === 'lead' ? 'blue' : 'purple'}>
                {labelOf(kinds, pool.kind)}
              </Pill>
              {pool.is_default === true && <Pill>{t('settings.default')}</Pill>}
              {pool.is_enabled === false && <Pill color="orange">{t('settings.inactive')}</Pill>}
              <span className="grow" />
              <button
                type="button"
                className="icon-button"
                aria-label={t('settings.edit_of', { name: String(pool.name) })}
                title={t('settings.edit')}
                onClick={() => setEditing(pool)}
              >
                <Pencil size={15} aria-hidden="true" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={t('settings.delete_of', { name: String(pool.name) })}
                title={t('common.delete')}
                onClick={() => void remove([pool]).then(refresh)}
              >
                <Trash2 size={15} aria-hidden="true" />
              </button>
            </header>
            <dl className="settings-facts">
              {facts(pool).map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value || '—'}</dd>
                </div>
              ))}
            </dl>
          </article>
        ))}
      </div>
      {editing && (
        <RecordEditor
          object={object}
          record={typeof editing === 'string' ? null : editing}
          fields={fields.filter(
            (name) => name !== 'kind' && (onlyFor[name] ?? kindOfEdit) === kindOfEdit,
          )}
          preset={typeof editing === 'string' ? { kind: editing } : undefined}
          override={{
            hidden_fields: asFieldChoice((held?.fields ?? []).filter((field) => isEditable(field))),
          }}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export default function PoolSettings() {
  const { model } = useRecordWorld();
  const object = model.object('pool');
  return object ? <Pools object={object} /> : null;
}
