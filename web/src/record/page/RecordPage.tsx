import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Bones } from '@/ui/basics';
import { useRecordWorld } from '../context';
import { titleOf } from '../titles';
import { BannerSlot } from './BannerSlot';
import { FieldList } from './FieldList';
import { RecordHeader } from './RecordHeader';
import { RecordMissing, RecordStale } from './RecordMissing';
import { Related } from './Related';
import { TimelineSlot } from './TimelineSlot';
import { useRecord } from './useRecord';

/** A record on its own page: fields on the left, what happened in the middle, related lists right. */
export default function RecordPage({
  object,
  id,
  onBack,
}: {
  object: ObjectMeta;
  id: number;
  onBack: () => void;
}) {
  const { t } = useTranslation();
  const { descriptor } = useRecordWorld();
  const query = useRecord(object, id);
  const about = descriptor(object.name);
  return (
    <div className="page record-page">
      <div className="crumbs">
        <button type="button" className="link-button line" onClick={onBack}>
          <ArrowLeft size={14} aria-hidden="true" />
          {object.label_plural}
        </button>
        <h1 className="sr-only">
          {query.data ? titleOf(object, query.data, about?.titleFields) : object.label}
        </h1>
      </div>
      {query.isPending && (
        <div className="card-body">
          <Bones rows={12} />
        </div>
      )}
      {query.failure && <RecordMissing error={query.failure} onRetry={() => query.refetch()} />}
      {query.data && (
        <>
          {query.isStale && <RecordStale onRetry={() => query.refetch()} />}
          <div className="card record-top">
            <RecordHeader object={object} record={query.data} onGone={onBack} />
            <BannerSlot object={object} record={query.data} />
          </div>
          <div className="record-columns">
            <section className="card record-column" aria-label={t('record.fields')}>
              <FieldList object={object} record={query.data} />
            </section>
            <section className="card record-column" aria-label={t('record.timeline')}>
              <TimelineSlot object={object} record={query.data} compose />
            </section>
            <section className="card record-column" aria-label={t('record.related')}>
              <Related object={object} record={query.data} />
            </section>
          </div>
        </>
      )}
    </div>
  );
}
