import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isReference } from '@/api/meta';
import { fetchPage, listPath } from '@/api/records';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Bones } from '@/ui/basics';
import { useRecordWorld } from '../context';
import { CardFacts } from '../list/CardFacts';
import { titleOf } from '../titles';
import { Team } from './Team';

function RelatedList({
  parent,
  record,
  related,
}: {
  parent: ObjectMeta;
  record: RecordData;
  related: ObjectMeta['related'][number];
}) {
  const { t } = useTranslation();
  const { model, openRecord, hrefOf, create, descriptor } = useRecordWorld();
  const object = model.object(related.object);
  const shown = (
    (object && descriptor(object.name)?.cardFields) ??
    object?.list.columns.slice(1, 4) ??
    []
  ).filter((name) => name !== related.field);
  // Seen from what gives a link its title, the link is called after its other end.
  const otherEnd =
    object?.title_field === related.field
      ? shown.find((name) => object.fields.some((f) => f.name === name && isReference(f)))
      : undefined;
  const facts = shown.filter((name) => name !== otherEnd);
  const query = useQuery({
    queryKey: ['list', object?.collection, 'related', parent.name, record.id],
    enabled: object !== undefined,
    queryFn: ({ signal }) =>
      fetchPage(
        listPath(model, object as ObjectMeta, {
          filter: `${related.field} eq ${record.id}`,
          columns: shown,
          orderby: object?.list.orderby,
          top: 8,
        }),
        signal,
      ).then((page) => ({ pages: [page], pageParams: [] as unknown[] })),
  });
  if (!object) return null;
  const page = query.data?.pages[0];
  const count = page?.['@kehai.count']?.value ?? page?.['@odata.count'] ?? page?.value.length ?? 0;
  return (
    <section className="related" aria-label={related.label}>
      <div className="line">
        <h3>{related.label}</h3>
        <span className="muted">{count}</span>
        <span className="grow" />
        {object.rights.includes('create') && (
          <button
            type="button"
            className="icon-button"
            aria-label={t('record.new', { object: object.label })}
            title={t('record.new', { object: object.label })}
            onClick={() =>
              create(
                object.name,
                { [related.field]: record.id },
                { [related.field]: String(record[parent.title_field] ?? '') },
              )
            }
          >
            <Plus size={15} aria-hidden="true" />
          </button>
        )}
      </div>
      {query.isPending && <Bones rows={2} />}
      {query.isError && <p className="muted">{query.error.message}</p>}
      <ul>
        {(page?.value ?? []).map((row) => (
          <li key={row.id}>
            <a
              className="related-row"
              href={hrefOf(object.name, row.id)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                openRecord(object.name, row.id, { page: true });
              }}
            >
              <strong className="ellipsis">
                {titleOf(object, row, otherEnd ? [otherEnd] : [])}
              </strong>
              <CardFacts object={object} record={row} names={facts} />
            </a>
          </li>
        ))}
      </ul>
      {query.isSuccess && count === 0 && <p className="muted">{t('related.none')}</p>}
    </section>
  );
}

export function Related({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  // Objects without a group are bookkeeping that the timeline tells about.
  const shown = object.related.filter((related) => model.object(related.object)?.group);
  if (shown.length === 0 && !object.members) return <p className="muted">{t('related.nothing')}</p>;
  return (
    <div className="stack">
      {object.members && <Team object={object} record={record} />}
      {shown.map((related) => (
        <RelatedList
          key={`${related.object}.${related.field}`}
          parent={object}
          record={record}
          related={related}
        />
      ))}
    </div>
  );
}
