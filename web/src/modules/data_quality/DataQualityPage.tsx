import { Button, Select } from 'antd';
import { Download, ListFilter, RefreshCw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Bones, Card, Empty } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { usePhone } from '@/ui/useMedia';
import { Findings } from './Findings';
import './data_quality.css';
import { listHref, MonthTrend, Places, Tiles } from './parts';
import {
  type DataQuality,
  type FindingFilter,
  type Metric,
  useDataQuality,
} from './useDataQuality';

function Progress({ run }: { run: NonNullable<DataQuality['run']> }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const format = useFormat();
  const object = run.object ? model.object(run.object)?.label_plural : undefined;
  const done = run.stage === 0 ? 0 : (run.stage - 1) / run.stages;
  return (
    <div className="card card-body quality-progress" role="status">
      <span>
        {run.stage === 0
          ? t('quality.run_waits')
          : object
            ? t('quality.run_checks', { object, count: format.number(run.checked) })
            : t('quality.run_counts')}
      </span>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${Math.max(4, done * 100)}%` }} />
      </span>
    </div>
  );
}

function Stewards({ data }: { data: DataQuality }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const may = model.can('data_steward', 'configure');
  if (data.stewards.length === 0) {
    return may ? <a href="/settings/stewards">{t('quality.name_steward')}</a> : null;
  }
  return (
    <span>
      {t('quality.stewards')}：
      {data.stewards
        .map(({ name, department }) => `${name}（${department ?? t('quality.company')}）`)
        .join('、')}
    </span>
  );
}

/** How good the company's data are, where they are not, and what to do first. */
export default function DataQualityPage({ onList }: { onList: (href: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const phone = usePhone();
  const { query, month, setMonth, run } = useDataQuality();
  const [metric, setMetric] = useState<Metric>('completeness');
  const [by, setBy] = useState<'departments' | 'owners'>('departments');
  const [filter, setFilter] = useState<FindingFilter | null>(null);
  const { data } = query;
  const href = data?.month === null ? listHref(metric) : null;
  const start = () =>
    run().catch((error: Error) => showToast({ kind: 'error', text: error.message }));
  const choose = (next: Metric) => {
    setMetric(next);
    if (next === 'findings') {
      document.getElementById('quality-findings')?.scrollIntoView({ block: 'nearest' });
    }
  };
  return (
    <div className="page">
      <header className={phone ? 'phone-head quality-head' : 'page-bar'}>
        <h1>{t('quality.title')}</h1>
        {data && (
          <Select
            aria-label={t('quality.period')}
            value={month}
            onChange={setMonth}
            popupMatchSelectWidth={false}
            options={[
              { value: '', label: t('quality.now') },
              ...data.months.toReversed().map((each) => ({ value: each.month, label: each.month })),
            ]}
          />
        )}
        <span className="grow" />
        {data?.as_of && !phone && (
          <time className="muted as-of" dateTime={data.as_of}>
            {t('quality.as_of', { time: format.dateTime(data.as_of) })}
          </time>
        )}
        {data?.may_export && (
          <Button
            icon={<Download size={15} aria-hidden="true" />}
            href={`/api/v1/data_quality/export${month ? `?month=${month}` : ''}`}
            download
            aria-label={t('quality.export')}
          >
            {phone ? null : t('quality.export')}
          </Button>
        )}
        {data?.may_run && (
          <Button
            type="primary"
            icon={<RefreshCw size={15} aria-hidden="true" />}
            disabled={data.run !== null}
            aria-label={t('quality.run')}
            onClick={start}
          >
            {phone ? null : t('quality.run')}
          </Button>
        )}
      </header>
      {query.isError && (
        <div className="empty" role="alert">
          <h2>{t('list.failed')}</h2>
          <p>{query.error.message}</p>
          <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
        </div>
      )}
      {query.isPending && (
        <div className="quality" aria-busy="true">
          {[1, 2, 3, 4, 5, 6].map((at) => (
            <div key={at} className="card figure">
              <Bones rows={3} />
            </div>
          ))}
        </div>
      )}
      {data && (
        <div className="quality" tabIndex={0} role="region" aria-label={t('quality.title')}>
          {data.run && <Progress run={data.run} />}
          {data.as_of === null ? (
            <div className="quality-whole">
              <Empty
                icon={<ShieldCheck size={26} />}
                title={t('quality.none_title')}
                text={t('quality.none_text')}
              />
            </div>
          ) : (
            <>
              <Tiles data={data} chosen={metric} onChoose={choose} />
              <Card
                className="quality-half"
                title={t('quality.trend', { metric: t(`quality.${metric}`) })}
              >
                <MonthTrend data={data} metric={metric} width={phone ? 340 : undefined} />
              </Card>
              <Card
                className="quality-half"
                title={t('quality.where', { metric: t(`quality.${metric}`) })}
                note={
                  href && (
                    <Button
                      size="small"
                      icon={<ListFilter size={14} aria-hidden="true" />}
                      href={href}
                      onClick={(event) => {
                        if (event.metaKey || event.ctrlKey) return;
                        event.preventDefault();
                        onList(href);
                      }}
                    >
                      {t('quality.open_list')}
                    </Button>
                  )
                }
              >
                <Places data={data} metric={metric} by={by} onBy={setBy} onList={onList} />
              </Card>
              {data.month === null && (
                <div id="quality-findings" className="quality-whole">
                  <Card title={t('quality.findings')}>
                    <Findings data={data} filter={filter} onFilter={setFilter} />
                  </Card>
                </div>
              )}
              <p className="muted quality-whole quality-foot">
                <Stewards data={data} />
                <span>
                  {t('quality.explained', {
                    percent: data.incomplete_below,
                    days: data.stale_days,
                  })}
                </span>
                {phone && <span>{t('quality.as_of', { time: format.dateTime(data.as_of) })}</span>}
              </p>
            </>
          )}
        </div>
      )}
    </div>
  );
}
