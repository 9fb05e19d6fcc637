import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { labelOf } from '@/record/fields/shared/choices';
import { referenceText } from '@/record/fields/shared/references';
import { Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { Sides } from './Sides';

/** The head of a dispute's page: what is said, by whom, and what has become of it. */
export default function Verdict({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const field = (name: string) => object.fields.find((candidate) => candidate.name === name);
  const status = field('status');
  const decider = field('decided_by_id');
  const open = record.status === 'open';
  const decided = ['kept', 'transferred', 'shared'].includes(String(record.status));
  const due = typeof record.due_on === 'string' ? record.due_on : null;
  return (
    <div className="banner-notice stack">
      {open && due && (
        <Notice kind={format.daysUntil(due) < 0 ? 'warn' : 'info'}>
          {t(format.daysUntil(due) < 0 ? 'arbitration.overdue' : 'arbitration.open_until', {
            date: due,
          })}
        </Notice>
      )}
      {decided && status && (
        <Notice kind="success">
          <strong>{labelOf(status, record.status)}</strong>
          {record.status === 'shared' && typeof record.share === 'number' && (
            <> · {t('arbitration.share_of', { share: record.share, rest: 100 - record.share })}</>
          )}
          {decider && typeof record.decided_by_id === 'number' && (
            <> · {referenceText(decider, record)}</>
          )}
          {typeof record.decided_at === 'string' && <> · {format.dateTime(record.decided_at)}</>}
          {typeof record.decision_note === 'string' && <p>{record.decision_note}</p>}
        </Notice>
      )}
      <Sides object={object} dispute={record} />
      {typeof record.evidence === 'string' && (
        <blockquote className="evidence">
          <h3>{t('arbitration.evidence')}</h3>
          <p>{record.evidence}</p>
        </blockquote>
      )}
    </div>
  );
}
