import { describe, expect, it } from 'vitest';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import type { Import } from './api';
import {
  companionsOf,
  companionTargets,
  likelyKey,
  mappedTwice,
  mappingOf,
  secondsLeft,
  targetsOf,
  unfilled,
  unfilledBeside,
} from './mapping';

const field = (name: string, more: Partial<FieldMeta> = {}): FieldMeta => ({
  name,
  label: name,
  type: 'text',
  ...more,
});
const lead = {
  name: 'lead',
  fields: [
    field('id', { read_only: true, type: 'integer' }),
    field('code', { read_only: true, type: 'serial' }),
    field('company', { required: true }),
    field('mobile', { type: 'phone' }),
    field('region_id', { type: 'region' }),
    field('source', { required: true, default: 'web' }),
    field('owner_id', { read_only: true, type: 'user' }),
    field('status', { read_only: true, type: 'select' }),
    field('created_at', { read_only: true, type: 'datetime' }),
    field('score', { read_only: true, type: 'integer' }),
  ],
  rights: ['read', 'create', 'import'],
  layout: [{ label: 'general', fields: ['mobile', 'company'] }],
} as unknown as ObjectMeta;
const words = { externalId: 'key', id: 'number' };

describe('targets', () => {
  it('are the fields of the form in its order, and the owner of new records', () => {
    expect(targetsOf(lead, false, words).map((target) => target.value)).toEqual([
      'mobile',
      'company',
      'region_id',
      'source',
      'owner_id',
      'external_id',
    ]);
  });
  it('are states, authors and dates for whoever may bring in history', () => {
    const archivist = { ...lead, rights: [...lead.rights, 'import_history'] };
    const added = (update: boolean) =>
      targetsOf(archivist, update, words)
        .map((target) => target.value)
        .filter((name) => !targetsOf(lead, update, words).some((each) => each.value === name));
    expect(added(false)).toEqual(['status', 'created_at']);
    expect(added(true)).toEqual([]);
  });
  it('of an update find the record but do not move it to somebody else', () => {
    const values = targetsOf(lead, true, words).map((target) => target.value);
    expect(values).toContain('code');
    expect(values).toContain('id');
    expect(values).not.toContain('owner_id');
  });
});

describe('mapping', () => {
  const job = {
    preview: {
      columns: [
        { name: '公司', field: 'company', confidence: 100 },
        { name: '电话', field: 'mobile', confidence: 80 },
      ],
    },
    settings: { mapping: { 电话: null } },
  } as unknown as Import;
  it('prefers what was chosen to what was guessed', () => {
    expect(mappingOf(job)).toEqual({ 公司: 'company', 电话: null });
  });
  it('asks for required fields without column, default of the object or of the import', () => {
    expect(unfilled(lead, {}, {}).map(({ name }) => name)).toEqual(['company']);
    expect(unfilled(lead, { a: 'company' }, {})).toEqual([]);
    expect(unfilled(lead, {}, { company: 'x' })).toEqual([]);
  });
  it('allows several columns for a region but not for a name', () => {
    expect([...mappedTwice(lead, { a: 'region_id', b: 'region_id' })]).toEqual([]);
    expect([...mappedTwice(lead, { a: 'company', b: 'company' })]).toEqual(['company']);
  });
});

it('tells the seconds left only when there is a rate', () => {
  expect(secondsLeft({ done: 0, total: 100, rate: 0 })).toBeNull();
  expect(secondsLeft({ done: 40, total: 100, rate: 25 })).toBe(3);
  expect(secondsLeft({ done: 100, total: 100, rate: 25 })).toBe(0);
});

describe('records in the same row', () => {
  const contact = {
    name: 'contact',
    fields: [
      field('name', { required: true }),
      field('account_id', { required: true, type: 'reference' }),
      field('region_id', { type: 'region' }),
    ],
    rights: ['create', 'import'],
    layout: [],
  } as unknown as ObjectMeta;
  const job = {
    companions: [{ object: 'contact', link: 'account_id' }],
    settings: { mode: 'create' },
  } as unknown as Import;
  const model = { object: (name: string) => (name === 'contact' ? contact : undefined) };
  const companions = companionsOf(job, model);

  it('offer their fields, but not the reference that the import fills in', () => {
    expect(
      companions.map((each) => companionTargets(each, words).map(({ value }) => value)),
    ).toEqual([['contact.name', 'contact.region_id']]);
  });
  it('are not there for an update, or for an object that the person does not see', () => {
    const update = { ...job, settings: { mode: 'update' } } as Import;
    expect(companionsOf(update, model)).toEqual([]);
    expect(companionsOf(job, { object: () => undefined })).toEqual([]);
  });
  it('need what they need as soon as one column is meant for them', () => {
    expect(unfilledBeside(companions, { a: 'company' })).toEqual([]);
    const lacks = unfilledBeside(companions, { a: 'company', b: 'contact.region_id' });
    expect(lacks.map((each) => each.field.name)).toEqual(['name']);
    expect(unfilledBeside(companions, { b: 'contact.name' })).toEqual([]);
  });
  it('take a field from one column, unless several fill it together', () => {
    const twice = (target: string) => [...mappedTwice(lead, { a: target, b: target }, companions)];
    expect(twice('contact.name')).toEqual(['contact.name']);
    expect(twice('contact.region_id')).toEqual([]);
  });
});

describe('the key of an update', () => {
  const object = { ...lead, title_field: 'company' } as ObjectMeta;
  it('is at first what tells records apart best', () => {
    expect(likelyKey(object, new Set(['mobile', 'company', 'code']))).toBe('code');
    expect(likelyKey(object, new Set(['mobile', 'company', null]))).toBe('company');
    expect(likelyKey(object, new Set(['mobile']))).toBeUndefined();
  });
});
