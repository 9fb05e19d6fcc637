import { Button, Select } from 'antd';
import type { TFunction } from 'i18next';
import { ListChecks } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useRows } from './data';
import {
  commonActions,
  none,
  type ObjectRights,
  type Rights,
  scopes,
  specialActions,
  withAction,
} from './rights';

const FieldRules = lazy(() => import('./FieldRules'));

/** What a right is called: by the object itself, else by another object that has it too. */
function actionLabel(
  t: TFunction,
  objects: readonly ObjectMeta[],
  object: ObjectMeta,
  name: string,
): string {
  for (const each of [object, ...objects]) {
    const action = each.actions.find((candidate) => candidate.name === name);
    if (action) return action.label;
  }
  return t(`settings.right.${name}`, { defaultValue: name });
}

function Scope({
  rights,
  label,
  readOnly,
  onChange,
}: {
  rights: ObjectRights;
  label: string;
  readOnly: boolean;
  onChange: (rights: ObjectRights) => void;
}) {
  const { t } = useTranslation();
  const departments = useRows('departments', { select: 'id,name' });
  return (
    <div className="stack rights-scope">
      <Select<string>
        aria-label={`${label} · ${t('settings.scope')}`}
        style={{ width: 148 }}
        popupMatchSelectWidth={false}
        disabled={readOnly || rights.actions.length === 0}
        value={rights.scope === 'none' ? 'own' : rights.scope}
        options={scopes.map((scope) => ({ value: scope, label: t(`settings.scope_of.${scope}`) }))}
        onChange={(scope) => onChange({ ...rights, scope })}
      />
      {rights.scope === 'departments' && rights.actions.length > 0 && (
        <Select<number[]>
          mode="multiple"
          aria-label={`${label} · ${t('settings.scope_of.departments')}`}
          style={{ width: 200 }}
          disabled={readOnly}
          maxTagCount={2}
          value={rights.departments}
          options={(departments.data ?? []).map((row) => ({
            value: row.id,
            label: String(row.name),
          }))}
          onChange={(next) => onChange({ ...rights, departments: next })}
        />
      )}
    </div>
  );
}

/** Objects × rights of one role: what it may do, on which rows, with which fields. */
export function RightsMatrix({
  rights,
  readOnly,
  onChange,
}: {
  rights: Rights;
  readOnly: boolean;
  onChange: (rights: Rights) => void;
}) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const [fieldsOf, setFieldsOf] = useState<ObjectMeta | null>(null);
  const objects = model.objects.filter(
    (object) =>
      Boolean(object.group) && object.group !== 'settings' && object.rights.includes('create'),
  );
  const configurable = model.objects.filter((object) => object.group === 'settings');
  const of = (object: ObjectMeta) => rights[object.name] ?? none(object.name);
  const rulesText = ({ fields }: ObjectRights) =>
    fields.length > 0
      ? t('settings.rules_count', { count: fields.length })
      : t('settings.rules_none');
  const change = (next: ObjectRights) => onChange({ ...rights, [next.object]: next });
  return (
    <>
      <section className="card settings-table-box" aria-label={t('settings.rights')} tabIndex={0}>
        <table className="plain-table settings-table rights">
          <thead>
            <tr>
              <th scope="col">{t('settings.object')}</th>
              {commonActions.map((action) => (
                <th key={action} scope="col" className="rights-check">
                  {t(`settings.right.${action}`)}
                </th>
              ))}
              <th scope="col">{t('settings.scope')}</th>
              <th scope="col">{t('settings.actions')}</th>
              <th scope="col">{t('settings.field_rules')}</th>
            </tr>
          </thead>
          <tbody>
            {objects.map((object) => {
              const mine = of(object);
              const special = specialActions(object, mine);
              return (
                <tr key={object.name}>
                  <th scope="row">{object.label}</th>
                  {commonActions.map((action) => (
                    <td key={action} className="rights-check">
                      <input
                        type="checkbox"
                        aria-label={`${object.label} · ${t(`settings.right.${action}`)}`}
                        disabled={readOnly}
                        checked={mine.actions.includes(action)}
                        onChange={(event) => change(withAction(mine, action, event.target.checked))}
                      />
                    </td>
                  ))}
                  <td>
                    <Scope
                      rights={mine}
                      label={object.label}
                      readOnly={readOnly}
                      onChange={change}
                    />
                  </td>
                  <td className="rights-actions">
                    {special.length > 0 && (
                      <Select<string[]>
                        mode="multiple"
                        style={{ width: 240 }}
                        aria-label={`${object.label} · ${t('settings.actions')}`}
                        placeholder={t('settings.no_actions')}
                        disabled={readOnly}
                        maxTagCount="responsive"
                        value={mine.actions.filter((name) => special.includes(name))}
                        options={special.map((name) => ({
                          value: name,
                          label: actionLabel(t, model.objects, object, name),
                        }))}
                        onChange={(chosen) => {
                          const kept = mine.actions.filter((name) => !special.includes(name));
                          const read = chosen.length > 0 && !kept.includes('read') ? ['read'] : [];
                          change({ ...mine, actions: [...kept, ...read, ...chosen] });
                        }}
                      />
                    )}
                  </td>
                  <td>
                    <Button
                      size="small"
                      icon={<ListChecks size={14} aria-hidden="true" />}
                      aria-label={`${object.label} · ${t('settings.field_rules')}：${rulesText(mine)}`}
                      disabled={mine.actions.length === 0}
                      onClick={() => setFieldsOf(object)}
                    >
                      {rulesText(mine)}
                    </Button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <section className="card settings-card" aria-label={t('settings.may_configure')}>
        <h3>{t('settings.may_configure')}</h3>
        <p className="muted">{t('settings.may_configure_text')}</p>
        <div className="rights-configure">
          {configurable.flatMap((object) => {
            // What it gives besides: the page that belongs to it, for instance.
            const special = specialActions(object, of(object));
            return ['configure', ...special.filter((name) => name !== 'configure')].map((name) => (
              <label key={`${object.name}.${name}`} className="line">
                <input
                  type="checkbox"
                  disabled={readOnly}
                  checked={of(object).actions.includes(name)}
                  onChange={(event) => change(withAction(of(object), name, event.target.checked))}
                />
                {name === 'configure' ? object.label : actionLabel(t, model.objects, object, name)}
              </label>
            ));
          })}
        </div>
      </section>
      {fieldsOf && (
        <Suspense fallback={null}>
          <FieldRules
            object={fieldsOf}
            rights={of(fieldsOf)}
            readOnly={readOnly}
            onChange={change}
            onClose={() => setFieldsOf(null)}
          />
        </Suspense>
      )}
    </>
  );
}
