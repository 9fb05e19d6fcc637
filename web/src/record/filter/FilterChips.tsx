import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { useFormat } from '@/ui/format';
import { kindOf } from '../fields/registry';
import { type Condition, operatorsWithoutValue, readFilter, writeFilter } from './model';

/** The active conditions, each with a way to drop it. */
export function FilterChips({
  object,
  filter,
  onChange,
}: {
  object: ObjectMeta;
  filter: string | undefined;
  onChange: (filter: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!filter) return null;
  const group = readFilter(object, filter);
  const describe = (condition: Condition): string => {
    const field = object.fields.find((candidate) => candidate.name === condition.field);
    if (!field) return condition.field;
    const operator = t(`operator.${condition.operator}`);
    if (operatorsWithoutValue.has(condition.operator)) return `${field.label} ${operator}`;
    if (condition.operator === 'last_days' || condition.operator === 'next_days') {
      return `${field.label} ${t(`filter.${condition.operator}`, { count: Number(condition.value) })}`;
    }
    const values = Array.isArray(condition.value) ? condition.value : [condition.value];
    const text = values
      .map(
        (value) =>
          kindOf(field).toText(value, { field, record: { id: 0 }, format }) || String(value),
      )
      .join(t('common.list_separator'));
    return `${field.label} ${operator} ${text}`;
  };
  const chips =
    group === null || group.items.some((item) => item.kind === 'group')
      ? [{ text: filter, rest: undefined as string | undefined }]
      : group.items.map((item, at) => ({
          text: describe(item as Condition),
          rest:
            writeFilter(object, {
              ...group,
              items: group.items.filter((_, other) => other !== at),
            }) || undefined,
        }));
  return (
    <ul className="chips" aria-label={t('filter.active')}>
      {chips.map((chip, at) => (
        <li key={chip.text} className="chip">
          {at > 0 && group?.join === 'or' && <span className="muted">{t('filter.or')}</span>}
          <span className="ellipsis">{chip.text}</span>
          <button
            type="button"
            aria-label={t('filter.remove', { condition: chip.text })}
            onClick={() => onChange(chip.rest)}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
