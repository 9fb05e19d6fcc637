import { Button, Drawer } from 'antd';
import { ArrowLeft, PenLine, Phone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Bones, Tabs } from '@/ui/basics';
import { useRecordWorld } from '../context';
import { BannerSlot } from '../page/BannerSlot';
import { FieldList } from '../page/FieldList';
import { RecordHeader } from '../page/RecordHeader';
import { RecordMissing, RecordStale } from '../page/RecordMissing';
import { Related } from '../page/Related';
import { TimelineSlot } from '../page/TimelineSlot';
import { useRecord } from '../page/useRecord';
import { Composer } from '../timeline/Composer';

type Part = 'timeline' | 'fields' | 'related';

function phoneOf(object: ObjectMeta, record: RecordData): string | null {
  for (const field of object.fields) {
    const value = record[field.name];
    if (field.type === 'phone' && typeof value === 'string' && value && !value.includes('*')) {
      return value;
    }
  }
  return null;
}

/** A record on the phone, with calling and writing a follow-up in reach of a thumb. */
export default function PhoneRecord({
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
  const [part, setPart] = useState<Part>('timeline');
  const [writing, setWriting] = useState(false);
  const about = descriptor(object.name);
  const record = query.data;
  const number = record ? phoneOf(object, record) : null;
  return (
    <div className="page phone-record">
      <header className="phone-head">
        <button
          type="button"
          className="icon-button"
          aria-label={t('common.back')}
          onClick={onBack}
        >
          <ArrowLeft size={20} aria-hidden="true" />
        </button>
        <h1>{object.label}</h1>
      </header>
      <div className="phone-scroll" tabIndex={0} role="region" aria-label={object.label}>
        {query.isPending && <Bones rows={10} />}
        {query.failure && <RecordMissing error={query.failure} onRetry={() => query.refetch()} />}
        {record && (
          <>
            {query.isStale && <RecordStale onRetry={() => query.refetch()} />}
            <div className="card">
              <RecordHeader object={object} record={record} onGone={onBack} />
              <BannerSlot object={object} record={record} />
            </div>
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
            <div className="card phone-part">
              {part === 'timeline' && (
                <TimelineSlot object={object} record={record} compose={false} />
              )}
              {part === 'fields' && <FieldList object={object} record={record} />}
              {part === 'related' && <Related object={object} record={record} />}
            </div>
          </>
        )}
      </div>
      {record && (about?.followUps || number) && (
        <footer className="phone-actions">
          {number && (
            <Button
              size="large"
              href={`tel:${number}`}
              icon={<Phone size={17} aria-hidden="true" />}
            >
              {t('phone.call')}
            </Button>
          )}
          {about?.followUps && (
            <Button
              size="large"
              type="primary"
              icon={<PenLine size={17} aria-hidden="true" />}
              onClick={() => setWriting(true)}
            >
              {t('composer.title')}
            </Button>
          )}
        </footer>
      )}
      <Drawer
        open={writing}
        placement="bottom"
        size="auto"
        title={t('composer.title')}
        className="sheet"
        onClose={() => setWriting(false)}
        destroyOnHidden
      >
        <Composer object={object} id={id} autoFocus onSaved={() => setWriting(false)} />
      </Drawer>
    </div>
  );
}
