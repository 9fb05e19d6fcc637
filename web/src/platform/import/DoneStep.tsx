import { Button, Modal } from 'antd';
import { CircleAlert, CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { type Import, rejectedHref, resultHref } from './api';
import { Findings } from './Findings';
import { Figure, RunProgress } from './parts';
import type { ImportControl } from './useImport';

const signs = { done: CircleCheck, partial: CircleAlert, failed: CircleX, cancelled: CircleX };

/** Takes back what the import created, after asking. */
function Undo({ job, control }: { job: Import; control: ImportControl }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button danger loading={control.busy} onClick={() => setAsking(true)}>
        {t('import.undo')}
      </Button>
      <Modal
        open={asking}
        title={t('import.undo')}
        okText={t('import.undo')}
        cancelText={t('common.cancel')}
        okButtonProps={{ danger: true }}
        onOk={() => {
          setAsking(false);
          void control.undo();
        }}
        onCancel={() => setAsking(false)}
      >
        <p>{t('import.undo_text', { count: job.counts.created })}</p>
      </Modal>
    </>
  );
}

/** The run itself and what came of it. */
export function DoneStep({
  object,
  job,
  control,
  onList,
  onAgain,
}: {
  object: ObjectMeta;
  job: Import;
  control: ImportControl;
  onList: () => void;
  onAgain: () => void;
}) {
  const { t } = useTranslation();
  const { counts, status } = job;
  if (status === 'applying' || !(status in signs)) {
    return (
      <div className="stack">
        <RunProgress job={job} label={t('import.importing')} />
        <p className="muted">{t('import.may_leave')}</p>
        <div>
          <Button danger onClick={() => void control.cancel()}>
            {t('import.stop')}
          </Button>
        </div>
      </div>
    );
  }
  const Sign = signs[status as keyof typeof signs];
  return (
    <div className="stack">
      <div className="card import-end" data-status={status}>
        <Sign size={36} aria-hidden="true" />
        <h2>{t(`import.end.${status}`)}</h2>
        {job.message && <p>{job.message}</p>}
        <div className="import-figures">
          <Figure label={t('import.count.created')} value={counts.created} tone="good" />
          <Figure label={t('import.count.updated')} value={counts.updated} tone="good" />
          <Figure label={t('import.count.skipped')} value={counts.skipped} tone="warn" />
          <Figure label={t('import.count.bad')} value={counts.bad} tone="bad" />
        </div>
        <div className="line import-end-actions">
          <Button type="primary" onClick={onList}>
            {t('import.view', { object: object.label_plural })}
          </Button>
          <Button onClick={onAgain}>{t('import.again')}</Button>
          {(counts.bad > 0 || counts.skipped > 0) && (
            <Button href={resultHref(job.id)}>{t('import.download_result')}</Button>
          )}
          {counts.bad > 0 && (
            <Button href={rejectedHref(job.id)}>{t('import.download_rejected')}</Button>
          )}
          {counts.created > 0 && <Undo job={job} control={control} />}
        </div>
      </div>
      {status === 'partial' && <Notice>{t('import.partial_text')}</Notice>}
      {counts.bad > 0 && <Findings job={job} kind="error" object={object} />}
    </div>
  );
}
