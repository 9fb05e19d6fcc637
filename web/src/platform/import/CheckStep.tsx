import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Bones, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { type Import, type ImportSettings, rejectedHref, resultHref } from './api';
import { Findings, type Kind } from './Findings';
import { Figure, RunProgress } from './parts';
import type { ImportControl } from './useImport';

/** What came of checking every row, and what shall happen with rows that are there already. */
export function CheckStep({
  object,
  job,
  control,
}: {
  object: ObjectMeta;
  job: Import;
  control: ImportControl;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { counts } = job;
  const [chosen, setChosen] = useState<Kind | null>(null);
  if (job.status === 'validating') return <RunProgress job={job} label={t('import.checking')} />;
  if (job.status === 'uploaded') {
    // The check did not begin: the mapping was refused. The reason stands above.
    return control.errors.length > 0 ? (
      <ul className="settings-faults">
        {control.errors.map((error) => (
          <li key={`${error.field}.${error.code}`}>
            {object.fields.find((field) => field.name === error.field)?.label ?? ''} {error.message}
          </li>
        ))}
      </ul>
    ) : (
      <Bones rows={4} />
    );
  }
  const kind =
    chosen ?? (counts.bad > 0 ? 'error' : counts.duplicates > 0 ? 'duplicate' : ('good' as Kind));
  const duplicates = job.settings.duplicates ?? 'skip';
  const change = async (next: ImportSettings['duplicates']) => {
    if (await control.change({ duplicates: next })) await control.validate();
  };
  return (
    <div className="stack">
      <div className="import-figures">
        <Figure label={t('import.count.rows')} value={counts.rows} />
        <Figure label={t('import.count.good')} value={counts.good} tone="good" />
        <Figure label={t('import.count.bad')} value={counts.bad} tone="bad" />
        <Figure label={t('import.count.duplicates')} value={counts.duplicates} tone="warn" />
      </div>
      {counts.duplicates > 0 && (
        <section className="card settings-card" aria-label={t('import.duplicates')}>
          <div className="import-duplicates">
            <h2>{t('import.duplicates')}</h2>
            <Tabs
              label={t('import.duplicates')}
              items={(['skip', 'create', 'attach'] as const).map((key) => ({
                key,
                label: t(`import.duplicates_mode.${key}`),
              }))}
              value={duplicates}
              onChange={(next) => void change(next)}
            />
          </div>
          <p className="muted">{t(`import.duplicates_text.${duplicates}`)}</p>
        </section>
      )}
      <div className="line import-tabs">
        <Tabs
          label={t('import.rows.all')}
          items={(['error', 'duplicate', 'good'] as const).map((key) => ({
            key,
            label: `${t(`import.rows.${key}`)} ${format.number(
              key === 'error' ? counts.bad : key === 'duplicate' ? counts.duplicates : counts.good,
            )}`,
          }))}
          value={kind}
          onChange={setChosen}
        />
        <span className="grow" />
        {counts.bad > 0 && (
          <>
            <a href={resultHref(job.id)} download>
              {t('import.download_result')}
            </a>
            <a href={rejectedHref(job.id)} download>
              {t('import.download_rejected')}
            </a>
          </>
        )}
      </div>
      <Findings key={kind} job={job} kind={kind} object={object} />
    </div>
  );
}
