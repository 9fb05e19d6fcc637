import { queryOptions, useQuery } from '@tanstack/react-query';
import { get } from './client';
import type { FieldMeta, Language, Meta, ObjectMeta } from './types';

export function metaQuery(language: Language) {
  return queryOptions({
    queryKey: ['meta', language],
    queryFn: async () => completed(await get<Meta>('/meta')),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function completedField(field: FieldMeta, holder: string, picklists: Meta['picklists']): FieldMeta {
  const options =
    field.picklist && !field.options?.length ? (picklists[field.picklist] ?? []) : field.options;
  return { ...field, holder, ...(options && { options }) };
}

/** System fields that tell people something; the others are bookkeeping. */
const tellingSystemFields = new Set([
  'code',
  'owner_id',
  'created_by',
  'created_at',
  'updated_by',
  'updated_at',
]);

/**
 * The metadata with everything resolved that it says by reference: the options of picklists, the
 * object of a field, and a layout for objects whose definition names none.
 */
export function completed(meta: Meta): Meta {
  return {
    ...meta,
    objects: meta.objects.map((object) => {
      const complete = (field: FieldMeta) => completedField(field, object.name, meta.picklists);
      const fields = object.fields.map(complete);
      const sections = object.layout.map((section) => ({
        ...section,
        fields:
          section.fields.length > 0
            ? section.fields
            : fields
                .filter((field) => field.group && field.group === section.label)
                .map((field) => field.name),
      }));
      const placed = new Set(sections.flatMap((section) => section.fields));
      const rest = fields
        .filter((field) => !placed.has(field.name))
        .filter((field) => !field.system || tellingSystemFields.has(field.name));
      const own = rest.filter((field) => !field.system).map((field) => field.name);
      const system = rest.filter((field) => field.system).map((field) => field.name);
      const filled = sections.filter((section) => section.fields.length > 0);
      const layout =
        filled.length > 0
          ? filled
          : [{ label: object.layout[0]?.label || object.label, fields: own }];
      return {
        ...object,
        fields,
        layout: system.length > 0 ? [...layout, { label: '', fields: system }] : layout,
        actions: object.actions.map((action) => ({
          ...action,
          input: action.input?.map(complete),
        })),
      };
    }),
  };
}

/** What the signed-in user may see of the data model, with fast look-ups. */
export class Model {
  readonly meta: Meta;
  private readonly byName: Map<string, ObjectMeta>;
  private readonly byCollection: Map<string, ObjectMeta>;

  constructor(meta: Meta) {
    this.meta = meta;
    this.byName = new Map(meta.objects.map((object) => [object.name, object]));
    this.byCollection = new Map(meta.objects.map((object) => [object.collection, object]));
  }

  get objects(): ObjectMeta[] {
    return this.meta.objects;
  }
  /** Most bytes of one attached file. */
  get fileLimit(): number {
    return this.meta.file_size_limit ?? Number.POSITIVE_INFINITY;
  }
  object(name: string): ObjectMeta | undefined {
    return this.byName.get(name);
  }
  collection(name: string): ObjectMeta | undefined {
    return this.byCollection.get(name);
  }
  can(object: string, right: string): boolean {
    return this.byName.get(object)?.rights.includes(right) ?? false;
  }

  /** The object that has the field, or whose action asks for it. */
  holderOf(field: FieldMeta): ObjectMeta | undefined {
    return this.byName.get(field.holder ?? '');
  }
  /** Which collection a field refers to; null when it refers to none. */
  targetCollection(field: FieldMeta): string | null {
    if (field.type === 'user') return 'users';
    if (field.type === 'department') return 'departments';
    if (field.type !== 'reference') return null;
    if (!field.target) return null;
    return this.byName.get(field.target)?.collection ?? `${field.target}s`;
  }
  /** The field that names the records a field refers to. */
  targetTitle(field: FieldMeta): string {
    if (field.type === 'reference' && field.target) {
      return this.byName.get(field.target)?.title_field ?? 'name';
    }
    return 'name';
  }
}

const models = new WeakMap<Meta, Model>();

export function modelOf(meta: Meta): Model {
  let model = models.get(meta);
  if (!model) {
    model = new Model(meta);
    models.set(meta, model);
  }
  return model;
}

export function useModel(language: Language): Model | undefined {
  const { data } = useQuery(metaQuery(language));
  return data ? modelOf(data) : undefined;
}

/** The navigation property of a reference: the same word without `_id`; `created_by_user`. */
export function navigationOf(field: string): string {
  return field.endsWith('_id') ? field.slice(0, -3) : `${field}_user`;
}

/** Fields that hold the id of another record and can be expanded into it. */
export function isReference(field: FieldMeta): boolean {
  return field.type === 'reference' || field.type === 'user' || field.type === 'department';
}
