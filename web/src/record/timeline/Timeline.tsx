import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { fetchTimeline } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { Bones, Notice } from '@/ui/basics';
import { Composer } from './Composer';
import { Entry } from './Entry';

/** Everything that happened to a record, newest first, with the composer on top. */
export function Timeline({
  object,
  id,
  compose,
}: {
  object: ObjectMeta;
  id: number;
  compose: boolean;
}) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: ['timeline', object.collection, id],
    queryFn: ({ pageParam }) => fetchTimeline(object.collection, id, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const entries = (query.data?.pages ?? []).flatMap((page) => page.value);
  return (
    <div className="timeline">
      {compose && <Composer key={id} object={object} id={id} />}
      {query.isPending && <Bones rows={6} />}
      {query.isError && (
        <Notice kind="error">
          {query.error.message}{' '}
          <button type="button" className="link-button" onClick={() => query.refetch()}>
            {t('common.retry')}
          </button>
        </Notice>
      )}
      <ol className="entries" aria-label={t('timeline.title')}>
        {entries.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several entries may share one instant
          <Entry key={`${entry.at}.${entry.kind}.${at}`} entry={entry} />
        ))}
      </ol>
      {query.isSuccess && entries.length === 0 && (
        <p className="muted timeline-none">{t('timeline.none')}</p>
      )}
      {query.hasNextPage && (
        <Button
          size="small"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {t('timeline.older')}
        </Button>
      )}
    </div>
  );
}
