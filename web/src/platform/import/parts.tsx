import { Progress } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/ui/format';
import type { Import, ImportStatus } from './api';
import { secondsLeft } from './mapping';

export const statusColours: Record<ImportStatus, string> = {
  uploaded: 'gray',
  validating: 'blue',
  validated: 'blue',
  applying: 'blue',
  done: 'green',
  partial: 'orange',
  failed: 'red',
  cancelled: 'gray',
};

/** How far a run is, how fast, and how long it will still take. */
export function RunProgress({ job, label }: { job: Import; label: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { done, total, rate } = job.progress;
  const left = secondsLeft(job.progress);
  const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
  return (
    <div className="card import-run" role="status">
      <h2>{label}</h2>
      <Progress percent={percent} status="active" aria-label={label} />
      <p className="muted import-run-facts">
        <span>
          {total > 0
            ? t('import.progress', { done: format.number(done), total: format.number(total) })
            : t('import.progress_unknown', { done: format.number(done) })}
        </span>
        {rate > 0 && <span>{t('import.rate', { rate: format.number(rate) })}</span>}
        {left !== null && (
          <span>
            {left < 60
              ? t('import.left_seconds', { count: left })
              : t('import.left_minutes', { count: Math.ceil(left / 60) })}
          </span>
        )}
      </p>
    </div>
  );
}

/** One number of the result. */
export function Figure({
  label,
  value,
  tone,
  children,
}: {
  label: string;
  value: number;
  tone?: 'good' | 'bad' | 'warn';
  children?: ReactNode;
}) {
  const format = useFormat();
  return (
    <div className="import-figure" data-tone={value > 0 ? tone : undefined}>
      <span className="muted">{label}</span>
      <strong>{format.number(value)}</strong>
      {children}
    </div>
  );
}
