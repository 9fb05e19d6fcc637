import { Button } from 'antd';
import { CloudOff, FileQuestion } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { Empty } from '@/ui/basics';

/** Whether the record is no longer there for this person. */
export function isGone(error: Error | null): boolean {
  return isProblem(error) && (error.status === 404 || error.status === 403);
}

/** A record that is gone or hidden looks the same; anything else can be tried again. */
export function RecordMissing({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  const gone = isGone(error);
  return (
    <Empty
      icon={<FileQuestion size={26} />}
      title={gone ? t('record.missing_title') : t('list.failed')}
      text={gone ? t('record.missing_text') : error.message}
    >
      {!gone && (
        <Button type="primary" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
    </Empty>
  );
}

/** Above a record that is shown as it was when the server was last reached. */
export function RecordStale({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <p className="record-stale muted" role="status">
      <CloudOff size={14} aria-hidden="true" />
      {t('record.stale')}
      <button type="button" className="link-button" onClick={onRetry}>
        {t('common.retry')}
      </button>
    </p>
  );
}
