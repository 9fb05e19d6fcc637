import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { Bones, Notice, Pill, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import {
  type Import,
  type ImportRow,
  type ImportSettings,
  readRows,
  rejectedHref,
  resultHref,
} from './api';
import { Figure, RunProgress } from './parts';
import type { ImportControl } from './useImport';

type Kind = ImportRow['status'];

function useFindings(job: Import, kind: Kind) {
  return useInfiniteQuery({
    queryKey: ['import', job.id, 'rows', kind, job.status],
    enabled: job.status !== 'uploaded',
    initialPageParam: 0,
    queryFn: ({ pageParam }) => readRows(job.id, kind, pageParam),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

function Hits({ row }: { row: ImportRow }) {
  const { t } = useTranslation();
  const { hrefOf } = useRecordWorld();
  return (
    <>
      {row.duplicates.map((hit) => (
        <tr key={`${row.row}.${hit.object}.${hit.id ?? hit.line ?? hit.name}`}>
          <td className="settings-number">{row.row}</td>
          <td>
            <span className="line">
              {hit.object_label && <Pill>{hit.object_label}</Pill>}
              {hit.id !== null && hit.visible ? (
                <a href={hrefOf(hit.object, hit.id)} target="_blank" rel="noreferrer">
                  {hit.name}
                </a>
              ) : (
                <span>{hit.name}</span>
              )}
            </span>
          </td>
          <td>{hit.evidence.join(t('common.list_separator'))}</td>
          <td>
            {hit.tier && hit.object !== 'import_row' && (
              <Pill color={hit.tier === 'E' ? 'red' : 'orange'}>
                {t(`duplicate.tier.${hit.tier}`)}
              </Pill>
            )}
          </td>
          <td>{hit.owner ?? hit.owner_text ?? ''}</td>
        </tr>
      ))}
    </>
  );
}

function Findings({ job, kind, object }: { job: Import; kind: Kind; object: ObjectMeta }) {
  const { t } = useTranslation();
  const query = useFindings(job, kind);
  const rows = query.data?.pages.flatMap((page) => page.value) ?? [];
  if (query.isPending) return <Bones rows={4} />;
  if (query.isError) {
    return (
      <Notice kind="error">
        {query.error.message}{' '}
        <button type="button" className="link-button" onClick={() => query.refetch()}>
          {t('common.retry')}
        </button>
      </Notice>
    );
  }
  if (rows.length === 0) return <p className="muted settings-none">{t(`import.none.${kind}`)}</p>;
  const columns = job.preview?.columns ?? [];
  return (
    <>
      <section className="card import-rows" aria-label={t(`import.rows.${kind}`)} tabIndex={0}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col" className="settings-number">
                {t('import.row_number')}
              </th>
              {kind === 'error' && (
                <>
                  <th scope="col">{t('import.column')}</th>
                  <th scope="col">{t('import.value')}</th>
                  <th scope="col">{t('import.reason')}</th>
                </>
              )}
              {kind === 'duplicate' && (
                <>
                  <th scope="col">{t('import.duplicate_of')}</th>
                  <th scope="col">{t('import.evidence')}</th>
                  <th scope="col">{t('import.tier')}</th>
                  <th scope="col">
                    {object.fields.find((field) => field.name === 'owner_id')?.label}
                  </th>
                </>
              )}
              {kind === 'good' &&
                columns.map((column) => (
                  <th key={column.name} scope="col">
                    {column.name}
                  </th>
                ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              if (kind === 'duplicate') return <Hits key={row.row} row={row} />;
              if (kind === 'good') {
                return (
                  <tr key={row.row}>
                    <td className="settings-number">{row.row}</td>
                    {columns.map((column, at) => (
                      <td key={column.name}>{row.cells?.[at] ?? ''}</td>
                    ))}
                  </tr>
                );
              }
              return row.errors.map((error) => (
                <tr key={`${row.row}.${error.column}.${error.code}`}>
                  <td className="settings-number">{row.row}</td>
                  <td>{error.column}</td>
                  <td className="import-value">{error.value}</td>
                  <td className="import-reason">{error.message}</td>
                </tr>
              ));
            })}
          </tbody>
        </table>
      </section>
      {query.hasNextPage && (
        <Button loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {t('settings.load_more')}
        </Button>
      )}
    </>
  );
}

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
