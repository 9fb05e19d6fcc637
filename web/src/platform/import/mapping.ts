import type { Model } from '@/api/meta';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { externalId, type Import } from './api';

// Fields that nobody types into a form but that a file may bring along; the second ones with a right
// of its own.
const chosen = new Set(['owner_id', 'pool_id']);
const history = new Set(['status', 'stage_id', 'created_at', 'created_by']);
const neverImported = new Set(['file', 'serial']);

export interface Target {
  value: string;
  label: string;
  required: boolean;
}

/** What a column may become, in the order of the form. */
export function targetsOf(
  object: ObjectMeta,
  update: boolean,
  words: { externalId: string; id: string },
): Target[] {
  const bringsHistory = object.rights.includes('import_history');
  const fields = object.fields.filter((field) => {
    if (neverImported.has(field.type)) return false;
    if (!field.read_only) return true;
    return !update && (chosen.has(field.name) || (bringsHistory && history.has(field.name)));
  });
  const order = object.layout.flatMap((group) => group.fields);
  const position = (field: FieldMeta) => {
    const at = order.indexOf(field.name);
    return at < 0 ? order.length : at;
  };
  const targets = fields
    .toSorted((a, b) => position(a) - position(b))
    .map((field) => ({
      value: field.name,
      label: field.label,
      required: field.required === true,
    }));
  if (update) {
    const code = object.fields.find((field) => field.name === 'code');
    if (code) targets.push({ value: 'code', label: code.label, required: false });
    targets.push({ value: 'id', label: words.id, required: false });
  }
  targets.push({ value: externalId, label: words.externalId, required: false });
  return targets;
}

export interface Companion {
  object: ObjectMeta;
  link: string;
}

/** The objects whose records may stand in the same rows. */
export function companionsOf(job: Import, model: Pick<Model, 'object'>): Companion[] {
  if (job.settings.mode === 'update') return [];
  return (job.companions ?? []).flatMap(({ object, link }) => {
    const meta = model.object(object);
    return meta ? [{ object: meta, link }] : [];
  });
}

/** What a column may become beside the fields of the object itself: "contact.name". */
export function companionTargets(
  { object, link }: Companion,
  words: { externalId: string; id: string },
): Target[] {
  return targetsOf(object, false, words)
    .filter(({ value }) => value !== link && value !== externalId)
    .map((target) => ({ ...target, value: `${object.name}.${target.value}` }));
}

/** The field that a target means, whichever object it belongs to. */
export function fieldOf(
  object: ObjectMeta,
  companions: Companion[],
  target: string,
): FieldMeta | undefined {
  const [before, after] = target.split('.');
  const owner =
    after === undefined ? object : companions.find((each) => each.object.name === before)?.object;
  return owner?.fields.find((field) => field.name === (after ?? before));
}

/** What a record beside the imported one needs, as soon as any column is meant for it. */
export function unfilledBeside(
  companions: Companion[],
  mapping: Record<string, string | null>,
): { companion: Companion; field: FieldMeta }[] {
  const mapped = Object.values(mapping).filter(Boolean) as string[];
  return companions.flatMap((companion) => {
    const prefix = `${companion.object.name}.`;
    const own = mapped.filter((target) => target.startsWith(prefix));
    if (own.length === 0) return [];
    const given = Object.fromEntries(own.map((name) => [name, name.slice(prefix.length)]));
    return unfilled(companion.object, given, {})
      .filter((field) => field.name !== companion.link)
      .map((field) => ({ companion, field }));
  });
}

/** The mapping as it stands: what the person chose, else what the server guessed. */
export function mappingOf(job: Import): Record<string, string | null> {
  const given = job.settings.mapping;
  return Object.fromEntries(
    (job.preview?.columns ?? []).map((column) => [
      column.name,
      given && column.name in given ? given[column.name] : column.field,
    ]),
  );
}

/** Required fields that neither a column nor a default fills. */
export function unfilled(
  object: ObjectMeta,
  mapping: Record<string, string | null>,
  defaults: Record<string, unknown>,
): FieldMeta[] {
  const mapped = new Set(Object.values(mapping));
  return object.fields.filter(
    (field) =>
      field.required &&
      !field.read_only &&
      (field.default === null || field.default === undefined) &&
      !mapped.has(field.name) &&
      (defaults[field.name] === null || defaults[field.name] === undefined),
  );
}

const gaps = new Set(['money', 'integer', 'decimal', 'percent', 'date', 'datetime', 'select']);

/** Required fields whose column may have empty cells that one value can fill for all. */
export function fillable(object: ObjectMeta, mapping: Record<string, string | null>): FieldMeta[] {
  const mapped = new Set(Object.values(mapping));
  return object.fields.filter(
    (field) =>
      field.required &&
      !field.read_only &&
      (field.default === null || field.default === undefined) &&
      mapped.has(field.name) &&
      gaps.has(field.type),
  );
}

// Several columns may fill these together: province and city, street and number.
const shared = new Set(['region', 'address', 'long_text']);

/** Fields that more than one column is meant for, although one has to do. */
export function mappedTwice(
  object: ObjectMeta,
  mapping: Record<string, string | null>,
  companions: Companion[] = [],
): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const target of Object.values(mapping)) {
    if (!target) continue;
    const type = fieldOf(object, companions, target)?.type;
    if (seen.has(target) && !shared.has(type ?? '')) twice.add(target);
    seen.add(target);
  }
  return twice;
}

/** By what most people would find the records that are there: what tells them apart best. */
export function likelyKey(object: ObjectMeta, mapped: ReadonlySet<string | null>) {
  return ['id', 'code', object.title_field].find((name) => mapped.has(name));
}

/** Seconds that are left at the present rate; null as long as nobody can know. */
export function secondsLeft({ done, total, rate }: Import['progress']): number | null {
  if (rate <= 0 || total <= 0) return null;
  return Math.max(0, Math.ceil((total - done) / rate));
}
