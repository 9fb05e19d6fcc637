import type { FieldMeta, FieldType, ObjectMeta } from '@/api/types';

const field = (name: string, type: FieldType, more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  type,
  label: name,
  sortable: true,
  filterable: true,
  ...more,
});

const object = (name: string, collection: string, fields: FieldMeta[]): ObjectMeta => ({
  name,
  collection,
  label: name,
  label_plural: collection,
  title_field: fields[0].name,
  rights: ['read', 'edit'],
  fields,
  layout: [],
  list: { columns: fields.map((each) => each.name) },
  views: [],
  related: [],
  actions: [],
});

/** Two objects with a field of every type that can be filtered. */
export const lead = object('lead', 'leads', [
  field('company', 'text'),
  field('name', 'text'),
  field('mobile', 'phone'),
  field('email', 'email'),
  field('status', 'select', {
    options: [
      { value: 'pending', label: '待处理' },
      { value: 'following', label: '跟进中' },
    ],
  }),
  field('source', 'select', {
    options: [
      { value: 'web', label: '官网' },
      { value: 'exhibition', label: '展会' },
      { value: 'phone', label: '电话来访' },
    ],
  }),
  field('score', 'integer'),
  field('owner_id', 'user', { target: 'user' }),
  field('next_contact_at', 'datetime'),
  field('updated_at', 'datetime'),
]);

export const account = object('account', 'accounts', [
  field('name', 'text'),
  field('code', 'serial'),
  field('website', 'url'),
  field('level', 'select', { options: [{ value: 'A', label: 'A' }] }),
  field('interests', 'multi_select', { options: [{ value: 'x', label: 'X' }] }),
  field('annual_revenue', 'money'),
  field('share', 'percent'),
  field('size', 'decimal'),
  field('founded_on', 'date'),
  field('is_listed', 'boolean'),
  field('parent_id', 'reference', { target: 'account' }),
  field('tag_ids', 'reference', { target: 'tag', multiple: true }),
  field('department_id', 'department', { target: 'department' }),
  field('region_id', 'region'),
  field('address', 'address'),
  field('description', 'long_text'),
]);
