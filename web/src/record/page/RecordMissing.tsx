import { Button } from 'antd';
import { FileQuestion } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { Empty } from '@/ui/basics';

/** A record that is gone or hidden looks the same; anything else can be tried again. */
export function RecordMissing({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  const gone = isProblem(error) && (error.status === 404 || error.status === 403);
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
