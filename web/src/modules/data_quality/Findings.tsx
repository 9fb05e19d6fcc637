import { Button } from 'antd';
import { CircleCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty, Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { type DataQuality, type FindingFilter, useFindings } from './useDataQuality';

const same = (a: FindingFilter | null, b: FindingFilter) =>
  a !== null && a.object === b.object && a.field === b.field && a.rule === b.rule;

/** What the format audit found: by rule, and record by record. */
export function Findings({
  data,
  filter,
  onFilter,
}: {
  data: DataQuality;
  filter: FindingFilter | null;
  onFilter: (filter: FindingFilter | null) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hrefOf, openRecord } = useRecordWorld();
  const query = useFindings(filter);
  const rows = (query.data?.pages ?? []).flatMap((page) => page.value);
  if (data.rules.length === 0 && query.isSuccess && rows.length === 0) {
    return (
      <Empty
        icon={<CircleCheck size={24} />}
        title={t('quality.no_findings_title')}
        text={t('quality.no_findings_text')}
      />
    );
  }
  const all = data.rules.reduce((sum, rule) => sum + rule.count, 0);
  return (
    <>
      <div className="quality-rules" role="group" aria-label={t('quality.rules')}>
        <button type="button" aria-pressed={filter === null} onClick={() => onFilter(null)}>
          {t('quality.all_rules')} <strong>{format.number(all)}</strong>
        </button>
        {data.rules.map((rule) => {
          const { object, field } = rule;
          const wanted = { object, field, rule: rule.rule };
          return (
            <button
              key={`${object}.${field}.${rule.rule}`}
              type="button"
              aria-pressed={same(filter, wanted)}
              title={rule.text}
              onClick={() => onFilter(same(filter, wanted) ? null : wanted)}
            >
              {rule.object_label} · {rule.field_label} <span className="muted">{rule.text}</span>{' '}
              <strong>{format.number(rule.count)}</strong>
            </button>
          );
        })}
      </div>
      {data.more_findings && <Notice kind="info">{t('quality.more_findings')}</Notice>}
      {query.isError && <Notice kind="error">{query.error.message}</Notice>}
      {query.isPending && <Bones rows={5} />}
      {rows.length > 0 && (
        <ul className="rows quality-findings">
          {rows.map((row) => (
            <li key={row.id} className="row">
              <span className="grow">
                <a
                  href={hrefOf(row.object, row.record_id)}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey) return;
                    event.preventDefault();
                    openRecord(row.object, row.record_id, { page: true });
                  }}
                >
                  <span className="row-title ellipsis">{row.title}</span>
                </a>
                <span className="row-sub">
                  {row.object_label} · {row.field_label}
                </span>
              </span>
              <span className="quality-problem">{row.text}</span>
              <span className="muted quality-owner ellipsis">{row.owner ?? ''}</span>
              <time className="muted" dateTime={row.found_at}>
                {format.relative(row.found_at)}
              </time>
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('quality.load_more')}
        </Button>
      )}
    </>
  );
}
