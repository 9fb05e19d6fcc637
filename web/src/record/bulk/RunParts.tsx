import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/ui/format';
import { formatBlock } from '@/ui/grid/clipboard';
import { showToast } from '@/ui/toast';
import { csvOf, download } from './failureList';

/** How far a run over many records or cells is. */
export function RunProgress({
  label,
  done,
  total,
  isStopping,
}: {
  label: string;
  done: number;
  total: number;
  isStopping: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div role="status">
      <Progress
        percent={total === 0 ? 0 : Math.floor((done / total) * 100)}
        status="active"
        aria-label={label}
      />
      <p className="muted">
        {isStopping
          ? t('bulk.stopping')
          : t('bulk.progress', { done: format.number(done), total: format.number(total) })}
      </p>
    </div>
  );
}

/** Takes what a run left undone along: to the clipboard, or as a file. */
export function TakeAlong({ rows, file }: { rows: () => string[][]; file: string }) {
  const { t } = useTranslation();
  const copy = async () => {
    await navigator.clipboard?.writeText(formatBlock(rows()));
    showToast({ kind: 'success', text: t('bulk.copied') });
  };
  return (
    <>
      <Button onClick={copy}>{t('common.copy')}</Button>
      <Button onClick={() => download(`${file}.csv`, csvOf(rows()), 'text/csv')}>
        {t('list.export')}
      </Button>
    </>
  );
}
