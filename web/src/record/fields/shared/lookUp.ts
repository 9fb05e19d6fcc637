import { get } from '@/api/client';
import type { Model } from '@/api/meta';
import type { FieldMeta, Page } from '@/api/types';
import type { Parsed } from '../kind';

/**
 * Reads names of records as they were copied from a cell: one, or several for fields that hold
 * several. A name that nobody or more than one bears is refused. Each name is asked for once.
 */
export function makeLookUp(model: Model): (text: string, field: FieldMeta) => Promise<Parsed> {
  const asked = new Map<string, Promise<number | null>>();

  const find = (field: FieldMeta, name: string): Promise<number | null> => {
    const collection = model.targetCollection(field);
    if (!collection) return Promise.resolve(null);
    const key = `${collection} ${name}`;
    let answer = asked.get(key);
    if (!answer) {
      const parameters = new URLSearchParams({
        $filter: `${model.targetTitle(field)} eq '${name.replaceAll("'", "''")}'`,
        $select: 'id',
        $top: '2',
      });
      answer = get<Page>(`/${collection}?${parameters}`).then(
        ({ value }) => (value.length === 1 ? value[0].id : null),
        () => null,
      );
      asked.set(key, answer);
    }
    return answer;
  };

  return async (text, field) => {
    const clean = text.trim();
    if (clean === '') return { ok: true, value: field.multiple ? [] : null };
    const names = field.multiple ? clean.split(/[、,，;；]/).map((name) => name.trim()) : [clean];
    const ids = await Promise.all(
      names.filter((name) => name !== '').map((name) => find(field, name)),
    );
    if (ids.includes(null)) return { ok: false };
    return { ok: true, value: field.multiple ? ids : ids[0] };
  };
}
