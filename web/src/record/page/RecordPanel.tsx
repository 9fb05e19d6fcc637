import { Maximize2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Bones, Tabs } from '@/ui/basics';
import { useShortcuts } from '@/ui/keyboard';
import { useRecordWorld } from '../context';
import { BannerSlot } from './BannerSlot';
import { FieldList } from './FieldList';
import { RecordHeader } from './RecordHeader';
import { RecordMissing, RecordStale } from './RecordMissing';
import { Related } from './Related';
import { TimelineSlot } from './TimelineSlot';
import { useRecord } from './useRecord';

type Part = 'timeline' | 'fields' | 'related';

/** A record beside its list. J and K walk the list while the panel stays open. */
export default function RecordPanel({
  object,
  id,
  onClose,
}: {
  object: ObjectMeta;
  id: number;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { openRecord } = useRecordWorld();
  const query = useRecord(object, id);
  const [part, setPart] = useState<Part>('timeline');
  useShortcuts({ Escape: onClose, o: () => openRecord(object.name, id, { page: true }) });
  const tools = (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={t('record.open_page')}
        title={t('record.open_page')}
        onClick={() => openRecord(object.name, id, { page: true })}
      >
        <Maximize2 size={15} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t('common.close')}
        title={t('common.close')}
        onClick={onClose}
      >
        <X size={17} aria-hidden="true" />
      </button>
    </>
  );
  return (
    <aside className="record-panel" aria-label={object.label}>
      {query.isPending && (
        <div className="panel-wait">
          <span className="grow">
            <Bones rows={8} />
          </span>
          {tools}
        </div>
      )}
      {query.failure && (
        <>
          <div className="panel-wait">
            <span className="grow" />
            {tools}
          </div>
          <RecordMissing error={query.failure} onRetry={() => query.refetch()} />
        </>
      )}
      {query.data && (
        <>
          <RecordHeader object={object} record={query.data} tools={tools} onGone={onClose} />
          {query.isStale && <RecordStale onRetry={() => query.refetch()} />}
          <BannerSlot object={object} record={query.data} />
          <div className="panel-tabs">
            <Tabs<Part>
              label={t('record.parts')}
              items={[
                { key: 'timeline', label: t('record.timeline') },
                { key: 'fields', label: t('record.fields') },
                ...(object.related.length > 0 || object.members
                  ? [{ key: 'related' as const, label: t('record.related') }]
                  : []),
              ]}
              value={part}
              onChange={setPart}
            />
          </div>
          <div className="panel-body" tabIndex={0} role="region" aria-label={t(`record.${part}`)}>
            {part === 'timeline' && <TimelineSlot object={object} record={query.data} compose />}
            {part === 'fields' && <FieldList object={object} record={query.data} />}
            {part === 'related' && <Related object={object} record={query.data} />}
          </div>
        </>
      )}
    </aside>
  );
}
