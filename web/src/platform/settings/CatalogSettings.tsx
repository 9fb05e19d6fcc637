import { AutoComplete, Button, Input, Popover } from 'antd';
import { Filter, Search, Tag } from 'lucide-react';
import { Fragment, lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import type { InputProps } from '@/record/fields/kind';
import { kindOf } from '@/record/fields/registry';
import { countConditions, emptyGroup, readFilter } from '@/record/filter/model';
import { useDelete } from '@/record/form/useActions';
import { Empty, Pill } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { ColourInput, NewButton, RowButtons, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';

const FilterBuilder = lazy(() => import('@/record/filter/FilterBuilder'));
const groupField = 'group_name';

/** A group that there is already, or a new one. */
function GroupInput(props: InputProps) {
  const { data } = useRows('tags', { orderby: 'name' });
  const groups = [...new Set((data ?? []).map((row) => String(row[groupField] ?? '')))].filter(
    (name) => name !== '',
  );
  return (
    <AutoComplete
      id={props.id}
      style={{ width: '100%' }}
      value={typeof props.value === 'string' ? props.value : ''}
      options={groups.map((value) => ({ value }))}
      showSearch={{ filterOption: true }}
      maxLength={props.field.max_length || undefined}
      status={props.invalid ? 'error' : undefined}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onChange={(value) => props.onChange(value ? value : null)}
    />
  );
}

/** The condition of the rule, built from the writable fields of the records that it is for. */
function RuleInput(props: InputProps) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const [isOpen, setOpen] = useState(false);
  const object = model.object(String(props.others?.rule_object ?? ''));
  const rule = typeof props.value === 'string' ? props.value : '';
  if (!object) return <p className="muted">{t('settings.rule_choose_object')}</p>;
  const own = {
    ...object,
    fields: object.fields.filter(
      (field) => !field.multiple && (!field.read_only || field.name === 'status'),
    ),
  };
  const count = countConditions(readFilter(own, rule) ?? emptyGroup());
  const text = rule === '' ? t('settings.rule_make') : t('settings.rule_conditions', { count });
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      open={isOpen}
      onOpenChange={setOpen}
      destroyOnHidden
      content={
        <Suspense fallback={<div className="filter-builder" aria-busy="true" />}>
          <FilterBuilder
            object={own}
            filter={rule || undefined}
            onApply={(next) => props.onChange(next ?? null)}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      }
    >
      <Button
        id={props.id}
        aria-label={text}
        danger={props.invalid}
        aria-describedby={props.describedBy}
        icon={<Filter size={14} aria-hidden="true" />}
      >
        {text}
      </Button>
    </Popover>
  );
}

/** Rows under the name of their group; those without a group come first. */
function sectionsOf(rows: readonly RecordData[]): [string, RecordData[]][] {
  const sections = new Map<string, RecordData[]>();
  for (const row of rows) {
    const name = String(row[groupField] ?? '');
    sections.set(name, [...(sections.get(name) ?? []), row]);
  }
  return [...sections].toSorted(([a], [b]) => a.localeCompare(b, 'zh'));
}

function Entries({ object, text }: { object: ObjectMeta; text: string }) {
  const { t } = useTranslation();
  const query = useRows(object.collection, { orderby: object.list.orderby });
  const remove = useDelete(object);
  const refresh = useRefresh(object.collection);
  const [search, setSearch] = useState('');
  const [editing, setEditing] = useState<RecordData | 'new' | null>(null);
  const columns = object.list.columns.flatMap((name): FieldMeta[] => {
    const field = object.fields.find((each) => each.name === name);
    return field && field.name !== 'color' && field.name !== groupField ? [field] : [];
  });
  const wanted = search.trim().toLowerCase();
  const rows = (query.data ?? []).filter((row) =>
    String(row[object.title_field] ?? '')
      .toLowerCase()
      .includes(wanted),
  );
  return (
    <>
      <SectionHead title={object.label_plural} text={text}>
        <NewButton
          label={t('record.new', { object: object.label })}
          onClick={() => setEditing('new')}
        />
      </SectionHead>
      <RowsState query={query} />
      {query.data?.length === 0 && (
        <Empty
          icon={<Tag size={26} />}
          title={t('empty.none_title', { object: object.label_plural })}
          text={text}
        />
      )}
      {(query.data?.length ?? 0) > 0 && (
        <>
          {(query.data?.length ?? 0) > 10 && (
            <div className="line settings-tools">
              <Input
                className="settings-search"
                allowClear
                prefix={<Search size={14} aria-hidden="true" />}
                aria-label={t('list.search', { object: object.label_plural })}
                placeholder={t('list.search', { object: object.label_plural })}
                value={search}
                onChange={(event) => setSearch(event.target.value)}
              />
            </div>
          )}
          <div className="card settings-table-box">
            <table className="plain-table settings-table">
              <thead>
                <tr>
                  {columns.map((field) => (
                    <th key={field.name} scope="col">
                      {field.label}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="sr-only">{t('common.more')}</span>
                  </th>
                </tr>
              </thead>
              {sectionsOf(rows).map(([group, members]) => (
                <Fragment key={group}>
                  {group !== '' && (
                    <tbody>
                      <tr className="settings-group">
                        <th scope="rowgroup" colSpan={columns.length + 1}>
                          {group}
                        </th>
                      </tr>
                    </tbody>
                  )}
                  <tbody>
                    {members.map((row) => {
                      const title = String(row[object.title_field] ?? row.id);
                      return (
                        <tr key={row.id}>
                          {columns.map((field) => {
                            const { Cell } = kindOf(field);
                            return (
                              <td key={field.name}>
                                {field.name === object.title_field && 'color' in row ? (
                                  <Pill dot color={row.color as string | null}>
                                    {title}
                                  </Pill>
                                ) : (
                                  <Cell field={field} value={row[field.name]} record={row} />
                                )}
                              </td>
                            );
                          })}
                          <RowButtons
                            name={title}
                            onEdit={() => setEditing(row)}
                            onDelete={() => void remove([row]).then(refresh)}
                          />
                        </tr>
                      );
                    })}
                  </tbody>
                </Fragment>
              ))}
            </table>
          </div>
        </>
      )}
      {editing && (
        <RecordEditor
          object={object}
          record={editing === 'new' ? null : editing}
          inputs={{ color: ColourInput, [groupField]: GroupInput, rule: RuleInput }}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export function Catalog({ object: name, text }: { object: string; text: string }) {
  const { model } = useRecordWorld();
  const object = model.object(name);
  return object ? <Entries key={name} object={object} text={text} /> : null;
}

export function TagSettings() {
  const { t } = useTranslation();
  return <Catalog object="tag" text={t('settings.tags_text')} />;
}
export function CompetitorSettings() {
  const { t } = useTranslation();
  return <Catalog object="competitor" text={t('settings.competitors_text')} />;
}
export function CampaignSettings() {
  const { t } = useTranslation();
  return <Catalog object="campaign" text={t('settings.campaigns_text')} />;
}
