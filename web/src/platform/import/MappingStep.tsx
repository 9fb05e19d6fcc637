import { Select } from 'antd';
import { ArrowRight } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { type Displays, FieldForm, type Values } from '@/record/form/FieldForm';
import { Notice, Pill, Tabs } from '@/ui/basics';
import { usePhone } from '@/ui/useMedia';
import type { Import } from './api';
import { MissingRecords } from './MissingRecords';
import {
  companionsOf,
  companionTargets,
  fillable,
  likelyKey,
  mappedTwice,
  mappingOf,
  type Target,
  targetsOf,
  unfilled,
} from './mapping';
import type { ImportControl } from './useImport';

const sure = 85;

function Confidence({ value, chosen }: { value: number; chosen: boolean }) {
  const { t } = useTranslation();
  if (chosen) return null;
  if (value >= sure) return <Pill color="green">{t('import.sure', { value })}</Pill>;
  return <Pill color="orange">{t('import.unsure', { value })}</Pill>;
}

/** Which column becomes which field. Guesses are marked; what somebody chose is remembered. */
export function MappingStep({
  object,
  job,
  control,
}: {
  object: ObjectMeta;
  job: Import;
  control: ImportControl;
}) {
  const { t } = useTranslation();
  const id = useId();
  const phone = usePhone();
  const { model } = useRecordWorld();
  const server = mappingOf(job);
  // Shown at once; the server follows.
  const [local, setLocal] = useState<Record<string, string | null>>({});
  const [displays, setDisplays] = useState<Displays>({});
  const mapping = Object.fromEntries(
    Object.keys(server).map((name) => [name, name in local ? local[name] : server[name]]),
  );
  const update = job.settings.mode === 'update';
  const words = { externalId: t('import.external_id'), id: t('import.record_id') };
  const targets = targetsOf(object, update, words);
  const companions = companionsOf(job, model);
  const beside = companions.map((companion) => ({
    label: t('import.beside', { object: companion.object.label }),
    targets: companionTargets(companion, words).map((target) => ({
      ...target,
      label: `${companion.object.label} · ${target.label}`,
    })),
  }));
  const allTargets = [...targets, ...beside.flatMap((group) => group.targets)];
  const twice = mappedTwice(object, mapping, companions);
  const defaults: Values = {
    ...job.settings.defaults,
    owner_id: job.settings.owner_id ?? null,
    pool_id: job.settings.pool_id ?? null,
  };
  const [shownDefaults] = useState(() => unfilled(object, server, {}).map((field) => field.name));
  const missing = update ? [] : unfilled(object, mapping, job.settings.defaults ?? {});
  const asked = update
    ? []
    : object.fields.filter(
        (field) =>
          (shownDefaults.includes(field.name) || missing.includes(field)) &&
          !Object.values(mapping).includes(field.name),
      );
  const extra: FieldMeta[] = update
    ? []
    : fillable(object, mapping).map((field) => ({
        ...field,
        required: false,
        help: t('import.empty_cells'),
      }));
  const owner = object.fields.find((field) => field.name === 'owner_id');
  const pool = object.fields.find((field) => field.name === 'pool_id');
  const mapped = new Set(Object.values(mapping));
  if (!update && owner && !mapped.has('owner_id')) {
    extra.push({ ...owner, required: false, read_only: false, help: t('import.owner_help') });
  }
  if (!update && pool && object.pooled && !mapped.has('pool_id')) {
    extra.push({ ...pool, required: false, read_only: false, help: t('import.pool_help') });
  }
  const setTarget = (column: string, target: string | null) => {
    const next = { ...mapping, [column]: target };
    setLocal(next);
    void control.change({ mapping: next });
  };
  const optionsOf = (list: Target[]) =>
    list.map(({ value, label, required }) => ({ value, label: required ? `${label} *` : label }));
  const groups =
    beside.length === 0
      ? optionsOf(targets)
      : [{ label: object.label, targets }, ...beside].map((group) => ({
          label: group.label,
          title: group.label,
          options: optionsOf(group.targets),
        }));
  const keys = targets.filter((target) => mapped.has(target.value));
  const columns = job.preview?.columns ?? [];
  const samples = (at: number) =>
    [...new Set((job.preview?.rows ?? []).map((row) => row[at] ?? '').filter(Boolean))].slice(0, 3);
  return (
    <div className="stack">
      <div className="import-choices">
        <span className="import-choice">
          <span className="muted">{t('import.mode')}</span>
          <Tabs
            label={t('import.mode')}
            items={[
              { key: 'create', label: t('import.mode_create') },
              { key: 'update', label: t('import.mode_update') },
            ]}
            value={update ? 'update' : 'create'}
            onChange={(mode) => {
              // An update brings nothing along.
              const kept = Object.entries(mapping).map(([name, target]) => [
                name,
                target?.includes('.') ? null : target,
              ]);
              setLocal({});
              const key = job.settings.key || (mode === 'update' && likelyKey(object, mapped));
              void control.change({ mode, mapping: Object.fromEntries(kept), ...(key && { key }) });
            }}
          />
        </span>
        {update && (
          <label className="import-choice" htmlFor={`${id}-key`}>
            <span className="muted">{t('import.key')}</span>
            <Select<string>
              id={`${id}-key`}
              style={{ minWidth: 180 }}
              value={job.settings.key || undefined}
              placeholder={t('field.choose')}
              options={keys.map(({ value, label }) => ({ value, label }))}
              onChange={(key) => void control.change({ key })}
            />
          </label>
        )}
      </div>
      {twice.size > 0 && (
        <Notice kind="warn">
          {t('import.twice', {
            fields: [...twice]
              .map((name) => allTargets.find((target) => target.value === name)?.label ?? name)
              .join(t('common.list_separator')),
          })}
        </Notice>
      )}
      <div className="card import-mapping">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('import.column')}</th>
              {!phone && <th scope="col">{t('import.samples')}</th>}
              {!phone && (
                <th scope="col">
                  <span className="sr-only">→</span>
                </th>
              )}
              <th scope="col">{t('import.field')}</th>
              {!phone && <th scope="col">{t('import.confidence')}</th>}
            </tr>
          </thead>
          <tbody>
            {columns.map((column, at) => {
              const target = mapping[column.name] ?? null;
              return (
                <tr key={column.name} data-off={target === null || undefined}>
                  <th scope="row">
                    <strong>{column.name}</strong>
                    {phone && <p className="muted ellipsis">{samples(at).join(' · ')}</p>}
                  </th>
                  {!phone && (
                    <td className="muted import-samples" title={samples(at).join(' · ')}>
                      {samples(at).join(' · ')}
                    </td>
                  )}
                  {!phone && (
                    <td className="muted">
                      <ArrowRight size={15} aria-hidden="true" />
                    </td>
                  )}
                  <td>
                    <Select<string>
                      className="import-target"
                      aria-label={`${column.name} → ${t('import.field')}`}
                      allowClear
                      showSearch={{ optionFilterProp: 'label' }}
                      status={target && twice.has(target) ? 'error' : undefined}
                      placeholder={t('import.left_out')}
                      value={target ?? undefined}
                      options={groups}
                      onChange={(value) => setTarget(column.name, value ?? null)}
                    />
                  </td>
                  {!phone && (
                    <td>
                      {target && (
                        <Confidence
                          value={column.confidence}
                          chosen={Boolean(job.settings.mapping)}
                        />
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <MissingRecords object={object} job={job} mapping={mapping} control={control} />
      {(asked.length > 0 || extra.length > 0) && (
        <section className="card settings-card" aria-label={t('import.defaults')}>
          <h2>{t('import.defaults')}</h2>
          <p className="muted">{t('import.defaults_text')}</p>
          <FieldForm
            fields={[...asked, ...extra].map((field) =>
              field.name === 'pool_id' ||
              model.object(field.target ?? '') ||
              field.type !== 'reference'
                ? field
                : { ...field, type: 'integer' as const },
            )}
            values={defaults}
            displays={displays}
            errors={control.errors
              .filter((error) => error.field.startsWith('defaults.'))
              .map((error) => ({ ...error, field: error.field.slice('defaults.'.length) }))}
            columns={phone ? 1 : 2}
            onChange={(name, value, display) => {
              setDisplays((before) => ({ ...before, [name]: display }));
              if (name === 'owner_id' || name === 'pool_id') {
                void control.change({ [name]: value });
                return;
              }
              void control.change({ defaults: { ...job.settings.defaults, [name]: value } });
            }}
          />
        </section>
      )}
    </div>
  );
}
