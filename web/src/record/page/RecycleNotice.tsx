import { useTranslation } from 'react-i18next';
import type { RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';

const near = 30;

/** How long the record still has before it goes back to its pool by itself. */
export function RecycleNotice({ record }: { record: RecordData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const day = record.recycle_on;
  if (typeof day !== 'string') return null;
  const days = format.daysUntil(day);
  if (days > near) return null;
  return (
    <div className="banner-notice">
      <Notice kind={days > 7 ? 'info' : 'warn'}>
        {t(days > 0 ? 'record.recycle_in' : 'record.recycle_today', { count: days })}
      </Notice>
    </div>
  );
}
