import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { updateRecord } from '@/api/records';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { labelOf } from '@/record/fields/shared/choices';
import { Notice, Pill } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { useRefresh, useRows } from './data';
import { RowsState, SectionHead } from './parts';
import { SwitchList } from './SwitchList';

const entries = ['manual', 'api', 'import', 'convert', 'transfer'] as const;
const tiers = ['exact', 'normalised'] as const;

/** One pair and kind of key at one entry point: what such a hit does. */
function Action({
  field,
  rule,
  label,
  attaches,
  onChange,
}: {
  field: FieldMeta;
  rule: RecordData;
  label: string;
  attaches: boolean;
  onChange: (value: string) => void;
}) {
  const value = rule[field.name];
  if (typeof value !== 'string') return <span className="muted">—</span>;
  const options = (field.options ?? []).filter(
    (option) => attaches || option.value !== 'attach' || option.value === value,
  );
  return (
    <Select<string>
      aria-label={label}
      className="duplicate-action"
      popupMatchSelectWidth={false}
      value={value}
      options={options.map((option) => ({
        value: option.value,
        label: <Pill color={option.color}>{option.label}</Pill>,
      }))}
      onChange={onChange}
    />
  );
}

function Rules({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const query = useRows('duplicate_rules', { orderby: 'created_at' });
  const refresh = useRefresh('duplicate_rules');
  const [message, setMessage] = useState<string | null>(null);
  const field = (name: string) => object.fields.find((each) => each.name === name) as FieldMeta;
  const nameOf = (name: unknown) => model.object(String(name))?.label ?? String(name);
  const change = async (rule: RecordData, name: string, value: string) => {
    setMessage(null);
    try {
      await updateRecord('duplicate_rules', rule.id, { [name]: value }, rule['@odata.etag']);
      showToast({ kind: 'success', text: t('record.saved') });
    } catch (error) {
      setMessage((error as Error).message);
    }
    await refresh();
  };
  const rows = (query.data ?? [])
    .toSorted((a, b) => a.id - b.id)
    .flatMap((rule) =>
      tiers
        .filter((tier) => entries.some((entry) => typeof rule[`${entry}_${tier}`] === 'string'))
        .map((tier) => ({ rule, tier })),
    );
  const pairOf = (rule: RecordData) =>
    t('settings.duplicate_pair', { object: nameOf(rule.object), other: nameOf(rule.other) });
  return (
    <>
      {message && <Notice kind="error">{message}</Notice>}
      <RowsState query={query} />
      {rows.length > 0 && (
        <div className="card settings-table-box">
          <table className="plain-table settings-table duplicate-rules">
            <thead>
              <tr>
                <th scope="col">{t('settings.duplicate_who')}</th>
                <th scope="col">{field('kind').label}</th>
                {entries.map((entry) => (
                  <th key={entry} scope="col">
                    {t(`settings.duplicate_entry.${entry}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ rule, tier }) => {
                const by = `${labelOf(field('kind'), rule.kind)} · ${t(`settings.duplicate_tier.${tier}`)}`;
                return (
                  <tr key={`${rule.id}.${tier}`}>
                    <th scope="row">{pairOf(rule)}</th>
                    <td className="duplicate-by">{by}</td>
                    {entries.map((entry) => (
                      <td
                        key={entry}
                        data-label={t(`settings.duplicate_entry.${entry}`)}
                        data-empty={typeof rule[`${entry}_${tier}`] !== 'string' || undefined}
                      >
                        <Action
                          field={field(`${entry}_${tier}`)}
                          rule={rule}
                          label={`${pairOf(rule)} · ${by} · ${t(`settings.duplicate_entry.${entry}`)}`}
                          attaches={
                            rule.object === rule.other &&
                            (entry === 'import' || rule.object === 'account')
                          }
                          onChange={(value) => change(rule, `${entry}_${tier}`, value)}
                        />
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

export default function DuplicateSettings() {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const object = model.object('duplicate_rule');
  if (!object) return null;
  return (
    <>
      <SectionHead title={t('settings.section.duplicates')} text={t('settings.duplicates_text')} />
      <SwitchList starting="duplicate." />
      <Rules object={object} />
    </>
  );
}
