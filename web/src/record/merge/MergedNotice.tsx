import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { titleOf } from '../titles';
import { arrivalAt, forgetArrival } from './arrivals';

/** Said once to whoever opened the old address of a merged record. */
export function MergedNotice({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(() => arrivalAt(object.collection, record.id));
  if (from === undefined) return null;
  return (
    <div className="merged-notice">
      <Notice kind="info">
        <span className="grow">
          {t('merge.arrived', { id: from, title: titleOf(object, record) })}
        </span>
        <button
          type="button"
          className="icon-button"
          aria-label={t('common.close')}
          onClick={() => {
            forgetArrival(object.collection, record.id);
            setFrom(undefined);
          }}
        >
          <X size={14} aria-hidden="true" />
        </button>
      </Notice>
    </div>
  );
}
