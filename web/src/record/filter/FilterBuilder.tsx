import { Button, Input, Select } from 'antd';
import { FolderPlus, Plus, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { isSubmit } from '@/ui/keyboard';
import type { OperatorName } from '../fields/kind';
import { fieldKinds, kindOf } from '../fields/registry';
import {
  type Condition,
  emptyGroup,
  type Group,
  operatorsWithList,
  operatorsWithoutValue,
  readFilter,
  writeFilter,
} from './model';

function operatorLabel(t: (key: string) => string, name: OperatorName): string {
  return t(`operator.${name}`);
}

/** Whether the value fits the new operator too: lists, days and single values are different things. */
function keepsValue(before: OperatorName, after: OperatorName): boolean {
  const shape = (name: OperatorName) =>
    operatorsWithList.has(name) ? 'list' : name.endsWith('_days') ? 'days' : 'one';
  return shape(before) === shape(after);
}

function ConditionLine({
  object,
  condition,
  onChange,
  onRemove,
}: {
  object: ObjectMeta;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const field = object.fields.find((candidate) => candidate.name === condition.field);
  const kind = field ? kindOf(field) : fieldKinds.text;
  const [display, setDisplay] = useState<string | undefined>();
  const chooseField = (name: string) => {
    const next = object.fields.find((candidate) => candidate.name === name);
    if (!next) return;
    onChange({ kind: 'condition', field: name, operator: kindOf(next).operators[0], value: null });
  };
  const listed = operatorsWithList.has(condition.operator);
  const days = condition.operator === 'last_days' || condition.operator === 'next_days';
  const single = field ? (fieldKinds[field.type] ?? kind) : kind;
  const ValueInput = days
    ? fieldKinds.integer.Input
    : listed
      ? fieldKinds.multi_select.Input
      : field?.type === 'multi_select'
        ? fieldKinds.select.Input
        : (single.Input ?? fieldKinds.text.Input);
  return (
    <div className="filter-line">
      <Select
        className="filter-field"
        showSearch={{ optionFilterProp: 'label' }}
        value={condition.field}
        aria-label={t('filter.field')}
        options={object.fields
          .filter((each) => each.filterable !== false)
          .map((each) => ({ value: each.name, label: each.label }))}
        onChange={chooseField}
      />
      <Select<OperatorName>
        className="filter-operator"
        value={condition.operator}
        aria-label={t('filter.operator')}
        options={kind.operators.map((name) => ({ value: name, label: operatorLabel(t, name) }))}
        onChange={(operator) =>
          onChange({
            ...condition,
            operator,
            value: keepsValue(condition.operator, operator) ? condition.value : null,
          })
        }
      />
      <div className="filter-value">
        {field && ValueInput && !operatorsWithoutValue.has(condition.operator) && (
          <ValueInput
            field={{ ...field, required: false, multiple: false } satisfies FieldMeta}
            value={condition.value}
            display={display}
            label={t('filter.value')}
            onChange={(value, text) => {
              setDisplay(text);
              onChange({ ...condition, value });
            }}
          />
        )}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={t('filter.remove_condition')}
        onClick={onRemove}
      >
        <X size={15} aria-hidden="true" />
      </button>
    </div>
  );
}

function GroupBox({
  object,
  group,
  depth,
  onChange,
  onRemove,
}: {
  object: ObjectMeta;
  group: Group;
  depth: number;
  onChange: (group: Group) => void;
  onRemove?: () => void;
}) {
  const { t } = useTranslation();
  const replace = (at: number, item: Condition | Group | null) => {
    const items = group.items.slice();
    if (item) items[at] = item;
    else items.splice(at, 1);
    onChange({ ...group, items });
  };
  const first = object.fields.find((field) => field.filterable !== false);
  const newCondition = (): Condition => {
    const field =
      object.fields.find((each) => each.name === object.title_field) ?? (first as FieldMeta);
    return {
      kind: 'condition',
      field: field.name,
      operator: kindOf(field).operators[0],
      value: null,
    };
  };
  return (
    <div className="filter-group" data-depth={depth}>
      <div className="line">
        <Select<'and' | 'or'>
          size="small"
          value={group.join}
          aria-label={t('filter.join')}
          options={[
            { value: 'and', label: t('filter.all_of') },
            { value: 'or', label: t('filter.any_of') },
          ]}
          onChange={(join) => onChange({ ...group, join })}
        />
        <span className="grow" />
        {onRemove && (
          <button
            type="button"
            className="icon-button"
            aria-label={t('filter.remove_group')}
            onClick={onRemove}
          >
            <Trash2 size={15} aria-hidden="true" />
          </button>
        )}
      </div>
      {group.items.map((item, at) =>
        item.kind === 'group' ? (
          <GroupBox
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name of their own
            key={at}
            object={object}
            group={item}
            depth={depth + 1}
            onChange={(next) => replace(at, next)}
            onRemove={() => replace(at, null)}
          />
        ) : (
          <ConditionLine
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name of their own
            key={at}
            object={object}
            condition={item}
            onChange={(next) => replace(at, next)}
            onRemove={() => replace(at, null)}
          />
        ),
      )}
      <div className="line">
        <Button
          size="small"
          type="text"
          icon={<Plus size={14} aria-hidden="true" />}
          onClick={() => onChange({ ...group, items: [...group.items, newCondition()] })}
        >
          {t('filter.add_condition')}
        </Button>
        {depth < 2 && (
          <Button
            size="small"
            type="text"
            icon={<FolderPlus size={14} aria-hidden="true" />}
            onClick={() =>
              onChange({
                ...group,
                items: [...group.items, { kind: 'group', join: 'or', items: [newCondition()] }],
              })
            }
          >
            {t('filter.add_group')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Builds a filter; what the builder cannot show is edited as text. */
export default function FilterBuilder({
  object,
  filter,
  onApply,
  onClose,
}: {
  object: ObjectMeta;
  filter: string | undefined;
  onApply: (filter: string | undefined) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [group, setGroup] = useState<Group | null>(() => {
    const read = readFilter(object, filter);
    if (read && read.items.length === 0) {
      const field =
        object.fields.find((each) => each.name === object.title_field) ?? object.fields[0];
      return {
        ...read,
        items: [
          {
            kind: 'condition',
            field: field.name,
            operator: kindOf(field).operators[0],
            value: null,
          },
        ],
      };
    }
    return read;
  });
  const [text, setText] = useState(filter ?? '');
  const asText = group === null;
  const result = asText ? text.trim() : writeFilter(object, group);
  const apply = () => {
    onApply(result === '' ? undefined : result);
    onClose();
  };
  return (
    <div
      className="filter-builder"
      role="dialog"
      aria-label={t('filter.title')}
      onKeyDown={(event) => {
        if (isSubmit(event)) {
          apply();
        }
      }}
    >
      {asText ? (
        <div className="stack">
          {readFilter(object, text) === null && text.trim() !== '' && (
            <Notice>{t('filter.only_text')}</Notice>
          )}
          <Input.TextArea
            aria-label={t('filter.expression')}
            value={text}
            autoSize={{ minRows: 3 }}
            spellCheck={false}
            style={{ fontFamily: 'var(--mono)' }}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      ) : (
        <GroupBox object={object} group={group} depth={0} onChange={setGroup} />
      )}
      <div className="line">
        <button
          type="button"
          className="link-button"
          disabled={asText && readFilter(object, text) === null}
          onClick={() => {
            if (asText) setGroup(readFilter(object, text) ?? emptyGroup());
            else {
              setText(result);
              setGroup(null);
            }
          }}
        >
          {asText ? t('filter.as_conditions') : t('filter.as_text')}
        </button>
        <span className="grow" />
        <Button
          onClick={() => {
            onApply(undefined);
            onClose();
          }}
        >
          {t('filter.clear')}
        </Button>
        <Button type="primary" onClick={apply}>
          {t('filter.apply')}
        </Button>
      </div>
    </div>
  );
}
