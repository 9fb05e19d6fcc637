import type { FieldMeta, ObjectMeta } from '@/api/types';
import { type Expression, type Literal, parseExpression } from '../expression';
import type { OperatorName } from '../fields/kind';

/** What the filter builder shows: conditions in a group, groups in groups. */
export interface Condition {
  kind: 'condition';
  field: string;
  operator: OperatorName;
  value: unknown;
}
export interface Group {
  kind: 'group';
  join: 'and' | 'or';
  items: (Condition | Group)[];
}

const plainNumber = new Set([
  'integer',
  'decimal',
  'money',
  'percent',
  'reference',
  'user',
  'department',
  'region',
]);
const moments = new Set(['date', 'datetime']);
export const operatorsWithoutValue: ReadonlySet<OperatorName> = new Set([
  'empty',
  'not_empty',
  'is_me',
  'is_true',
  'is_false',
  'is_today',
  'is_past',
  'is_future',
]);
export const operatorsWithList: ReadonlySet<OperatorName> = new Set(['in', 'not_in']);

function literal(field: FieldMeta, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (plainNumber.has(field.type)) return String(Number(value));
  if (field.type === 'boolean') return value === true ? 'true' : 'false';
  if (moments.has(field.type)) return String(value);
  return `'${String(value).replaceAll("'", "''")}'`;
}

function isComplete(condition: Condition): boolean {
  if (operatorsWithoutValue.has(condition.operator)) return true;
  if (operatorsWithList.has(condition.operator)) {
    return Array.isArray(condition.value) && condition.value.length > 0;
  }
  return condition.value !== null && condition.value !== undefined && condition.value !== '';
}

function writeCondition(field: FieldMeta, condition: Condition): string {
  const { name } = field;
  const { operator, value } = condition;
  const isDay = field.type === 'date';
  const now = isDay ? '@today' : '@now';
  switch (operator) {
    case 'has':
      return `${name}/any(x: x eq ${literal(field, value)})`;
    case 'has_not':
      return `not ${name}/any(x: x eq ${literal(field, value)})`;
    case 'last_days':
      return `${name} ge @today sub duration'P${Number(value)}D' and ${name} le ${now}`;
    case 'next_days':
      // Of the last day everything counts, so an instant has to lie before the day after it.
      return isDay
        ? `${name} ge @today and ${name} le @today add duration'P${Number(value)}D'`
        : `${name} ge @now and ${name} lt @today add duration'P${Number(value) + 1}D'`;
    case 'eq':
    case 'ne':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return `${name} ${operator} ${literal(field, value)}`;
    case 'contains':
    case 'startswith':
      return `${operator}(${name},${literal(field, value)})`;
    case 'not_contains':
      return `not contains(${name},${literal(field, value)})`;
    case 'in':
    case 'not_in': {
      const values = (value as unknown[]).map((each) => literal(field, each)).join(',');
      return operator === 'in' ? `${name} in (${values})` : `not (${name} in (${values}))`;
    }
    case 'empty':
      return `${name} eq null`;
    case 'not_empty':
      return `${name} ne null`;
    case 'is_me':
      return `${name} eq @me`;
    case 'is_true':
      return `${name} eq true`;
    case 'is_false':
      return `${name} eq false`;
    case 'is_today':
      return `${name} eq @today`;
    case 'is_past':
      return `${name} lt ${now}`;
    case 'is_future':
      return `${name} gt ${now}`;
  }
}

/** The text of a filter; conditions that are not filled in yet are left out. */
export function writeFilter(object: ObjectMeta, group: Group): string {
  const parts: string[] = [];
  for (const item of group.items) {
    if (item.kind === 'group') {
      const inner = writeFilter(object, item);
      if (inner !== '') parts.push(item.items.length > 1 ? `(${inner})` : inner);
      continue;
    }
    const field = object.fields.find((candidate) => candidate.name === item.field);
    if (field && isComplete(item)) parts.push(writeCondition(field, item));
  }
  return parts.join(` ${group.join} `);
}

class Unshown extends Error {}

function plain(value: Literal): unknown {
  if (typeof value === 'object' && value !== null) throw new Unshown();
  return value;
}

function toCondition(object: ObjectMeta, expression: Expression): Condition {
  const known = (name: string): FieldMeta => {
    const field = object.fields.find((candidate) => candidate.name === name);
    if (!field) throw new Unshown();
    return field;
  };
  const make = (field: string, operator: OperatorName, value: unknown = null): Condition => ({
    kind: 'condition',
    field,
    operator,
    value,
  });
  if (expression.kind === 'not') {
    const inner = expression.item;
    if (inner.kind === 'in') {
      return make(known(inner.field).name, 'not_in', inner.values.map(plain));
    }
    if (inner.kind === 'any') return make(known(inner.field).name, 'has_not', plain(inner.value));
    if (inner.kind === 'call' && inner.name === 'contains') {
      return make(known(inner.field).name, 'not_contains', plain(inner.value));
    }
    throw new Unshown();
  }
  if (expression.kind === 'any') {
    return make(known(expression.field).name, 'has', plain(expression.value));
  }
  if (expression.kind === 'in') {
    return make(known(expression.field).name, 'in', expression.values.map(plain));
  }
  if (expression.kind === 'call') {
    if (expression.name === 'endswith') throw new Unshown();
    return make(
      known(expression.field).name,
      expression.name as OperatorName,
      plain(expression.value),
    );
  }
  if (expression.kind !== 'compare') throw new Unshown();
  const { field: name, operator, value } = expression;
  known(name);
  if (value === null && operator === 'eq') return make(name, 'empty');
  if (value === null && operator === 'ne') return make(name, 'not_empty');
  if (value === true && operator === 'eq') return make(name, 'is_true');
  if (value === false && operator === 'eq') return make(name, 'is_false');
  if (typeof value === 'object' && value !== null) {
    if (value.days !== undefined) throw new Unshown();
    if (value.variable === 'me' && operator === 'eq') return make(name, 'is_me');
    if (value.variable === 'today' && operator === 'eq') return make(name, 'is_today');
    if (operator === 'lt') return make(name, 'is_past');
    if (operator === 'gt') return make(name, 'is_future');
    throw new Unshown();
  }
  return make(name, operator, value);
}

function sameLiteral(a: Literal, b: Literal): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Two comparisons that stand for one condition: so many days back or ahead, from both sides. */
function toSpan(
  object: ObjectMeta,
  from: Expression,
  to: Expression | undefined,
): Condition | null {
  if (from.kind !== 'compare' || to?.kind !== 'compare' || from.field !== to.field) return null;
  const field = object.fields.find(({ name }) => name === from.field);
  if (!field) return null;
  const isDay = field.type === 'date';
  const today: Literal = { variable: 'today' };
  const now: Literal = isDay ? today : { variable: 'now' };
  const daysOf = (value: Literal) =>
    typeof value === 'object' && value?.variable === 'today' ? value.days : undefined;
  const made = (operator: OperatorName, value: number): Condition => ({
    kind: 'condition',
    field: from.field,
    operator,
    value,
  });
  if (from.operator !== 'ge') return null;
  const back = daysOf(from.value);
  if (back !== undefined && back <= 0 && to.operator === 'le' && sameLiteral(to.value, now)) {
    return made('last_days', Math.abs(back));
  }
  const ahead = daysOf(to.value);
  if (ahead === undefined || !sameLiteral(from.value, now)) return null;
  if (isDay && ahead >= 0 && to.operator === 'le') return made('next_days', ahead);
  if (!isDay && ahead >= 1 && to.operator === 'lt') return made('next_days', ahead - 1);
  return null;
}

function toItems(object: ObjectMeta, join: 'and' | 'or', list: readonly Expression[]) {
  const items: (Condition | Group)[] = [];
  for (let at = 0; at < list.length; at++) {
    const item = list[at];
    const span = join === 'and' ? toSpan(object, item, list[at + 1]) : null;
    if (span) {
      items.push(span);
      at++;
    } else if (item.kind === 'and' || item.kind === 'or') {
      const inner = toGroup(object, item);
      const [only] = inner.items;
      const isSpan = item.kind === 'and' && inner.items.length === 1 && only.kind === 'condition';
      items.push(isSpan ? only : inner);
    } else items.push(toCondition(object, item));
  }
  return items;
}

function toGroup(object: ObjectMeta, expression: Expression): Group {
  if (expression.kind === 'and' || expression.kind === 'or') {
    const { kind: join, items } = expression;
    return { kind: 'group', join, items: toItems(object, join, items) };
  }
  return { kind: 'group', join: 'and', items: [toCondition(object, expression)] };
}

export const emptyGroup = (): Group => ({ kind: 'group', join: 'and', items: [] });

/** The filter in a form that the builder can show; null when it says more than the builder can. */
export function readFilter(object: ObjectMeta, text: string | undefined): Group | null {
  if (!text || text.trim() === '') return emptyGroup();
  const expression = parseExpression(text);
  if (!expression) return null;
  try {
    return toGroup(object, expression);
  } catch (error) {
    if (error instanceof Unshown) return null;
    throw error;
  }
}

export function countConditions(group: Group): number {
  return group.items.reduce(
    (sum, item) => sum + (item.kind === 'group' ? countConditions(item) : 1),
    0,
  );
}
