import { useQueries } from '@tanstack/react-query';
import { get } from '@/api/client';
import { isReference, type Model, navigationOf } from '@/api/meta';
import type { ObjectMeta, Page, RecordData } from '@/api/types';

/** How long deleted records are kept. */
export const daysKept = 30;
export const pageSize = 100;
const mostRows = 500;

/** The objects whose records somebody may delete and so bring back. */
export function restorable(model: Model): ObjectMeta[] {
  return model.objects.filter(
    (object) => !object.configuration && object.group && object.rights.includes('delete'),
  );
}

export interface DeletedRow {
  object: ObjectMeta;
  record: RecordData;
}

function pathOf(model: Model, object: ObjectMeta, text: string, top: number): string {
  const title = object.fields.find((field) => field.name === object.title_field);
  const parameters = new URLSearchParams({
    $select: ['id', ...(title ? [title.name] : []), 'deleted_at', 'deleted_by'].join(','),
    $top: String(top),
    deleted: 'true',
    count: 'bounded',
  });
  let shown = title?.name;
  if (title && isReference(title)) {
    const target = model.targetTitle(title);
    parameters.set('$expand', `${navigationOf(title.name)}($select=${target})`);
    shown = `${navigationOf(title.name)}/${target}`;
  }
  if (text && shown)
    parameters.set('$filter', `contains(${shown},'${text.replaceAll("'", "''")}')`);
  return `/${object.collection}?${parameters}`;
}

/** What lies in the recycle bin, latest first; `only` limits it to one object. */
export function useRecycleBin(
  model: Model,
  objects: readonly ObjectMeta[],
  only: string | undefined,
  text: string,
  wanted: number,
) {
  const top = Math.min(mostRows, wanted);
  const queries = useQueries({
    queries: objects.map((object) => ({
      queryKey: ['list', object.collection, 'deleted', text, top],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<Page>(pathOf(model, object, text, top), { signal }),
      placeholderData: (before: Page | undefined) => before,
    })),
  });
  const counts = new Map<string, number>();
  const rows: DeletedRow[] = [];
  let hasMore = false;
  for (const [at, object] of objects.entries()) {
    const page = queries[at].data;
    if (!page) continue;
    counts.set(object.name, page['@kehai.count']?.value ?? page.value.length);
    if (only !== undefined && only !== object.name) continue;
    for (const record of page.value) rows.push({ object, record });
    hasMore ||= page['@odata.nextLink'] !== undefined && top < mostRows;
  }
  rows.sort((a, b) =>
    String(b.record.deleted_at ?? '').localeCompare(String(a.record.deleted_at ?? '')),
  );
  return {
    rows,
    counts,
    hasMore,
    isPending: queries.some((query) => query.isPending),
    error: queries.find((query) => query.error)?.error ?? null,
    refetch: () => Promise.all(queries.map((query) => query.refetch())),
  };
}
