import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchTimeline } from '@/api/records';
import type { ObjectMeta, TimelineEntry } from '@/api/types';
import { Bones, Notice } from '@/ui/basics';
import { Composer } from './Composer';
import { Entry } from './Entry';
import { UnseeingNotice } from './UnseeingNotice';

/** A follow-up tells the next contact time itself; the change that it made does not say it again. */
function withoutEcho(entries: TimelineEntry[]): TimelineEntry[] {
  const told = new Set(
    entries.flatMap(({ kind, at, activity }) =>
      kind === 'activity' && activity?.next_contact_at ? [at] : [],
    ),
  );
  return entries.flatMap((entry) => {
    if (entry.kind !== 'change' || !told.has(entry.at)) return [entry];
    const changes = entry.changes?.filter(({ field }) => field !== 'next_contact_at') ?? [];
    return changes.length > 0 ? [{ ...entry, changes }] : [];
  });
}

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
  const entries = withoutEcho((query.data?.pages ?? []).flatMap((page) => page.value));
  const [saved, setSaved] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const shown = saved !== null && entries.some(({ activity }) => activity?.id === saved);
  // The browser keeps what somebody reads in its place, also when that hides what he just wrote.
  useEffect(() => {
    if (!shown) return;
    list.current?.querySelector(`[data-activity="${saved}"]`)?.scrollIntoView({ block: 'nearest' });
    setSaved(null);
  }, [shown, saved]);
  return (
    <div className="timeline">
      {compose && <Composer key={id} object={object} id={id} onSaved={setSaved} />}
      <UnseeingNotice object={object} id={id} />
      {query.isPending && <Bones rows={6} />}
      {query.isError && (
        <Notice kind="error">
          {query.error.message}{' '}
          <button type="button" className="link-button" onClick={() => query.refetch()}>
            {t('common.retry')}
          </button>
        </Notice>
      )}
      <ol ref={list} className="entries" aria-label={t('timeline.title')}>
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
