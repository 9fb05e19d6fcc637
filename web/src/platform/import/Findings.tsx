import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { Bones, Notice, Pill } from '@/ui/basics';
import { type Import, type ImportRow, readRows } from './api';

export type Kind = ImportRow['status'];

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

/** The rows of one kind with what is to be said about each. */
export function Findings({ job, kind, object }: { job: Import; kind: Kind; object: ObjectMeta }) {
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
