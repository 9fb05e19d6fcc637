import { ArrowDown, ArrowUp, ChevronRight, Minus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar, Tabs } from '@/ui/basics';
import { Bars } from '@/ui/charts/Bars';
import { type Format, useFormat } from '@/ui/format';
import { type DataQuality, type Figure, type Metric, metrics } from './useDataQuality';

/** The list of customers behind a figure; findings and duplicates are not lists of customers. */
const views: Partial<Record<Metric, string>> = {
  completeness: 'incomplete',
  incomplete: 'incomplete',
  shells: 'shells',
  stale: 'stale',
};

export function listHref(metric: Metric, owner?: number | null): string | null {
  const view = views[metric];
  if (!view) return null;
  const filter = owner ? `&filter=${encodeURIComponent(`owner_id eq ${owner}`)}` : '';
  return `/accounts?view=${view}${filter}`;
}

export function showMetric(format: Format, metric: Metric, value: number | null): string {
  if (value === null) return '—';
  return metric === 'completeness' ? format.percent(value) : format.number(value);
}

function Change({ metric, now, before }: { metric: Metric; now: number; before: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const change = now - before;
  const Sign = change === 0 ? Minus : change > 0 ? ArrowUp : ArrowDown;
  const isBetter = metric === 'completeness' ? change > 0 : change < 0;
  const size = format.number(Math.abs(change));
  return (
    <span className={change === 0 ? 'muted' : isBetter ? 'good' : 'bad'}>
      <Sign size={13} aria-hidden="true" />
      {change === 0 ? t('quality.same') : t(change > 0 ? 'quality.more' : 'quality.less', { size })}
    </span>
  );
}

/** The figure of each kind, beside what it was at the end of the month before. */
export function Tiles({
  data,
  chosen,
  onChoose,
}: {
  data: DataQuality;
  chosen: Metric;
  onChoose: (metric: Metric) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const before = data.months.findLast((month) => data.month === null || month.month < data.month);
  const { records } = data.figures;
  return metrics.map((metric) => {
    const value = data.figures[metric];
    const previous = before?.[metric] ?? null;
    const share =
      metric !== 'completeness' && metric !== 'findings' && value !== null && records > 0
        ? t('quality.share', { percent: format.percent(Math.round((value / records) * 100)) })
        : metric === 'completeness'
          ? t('quality.of_records', { count: records })
          : null;
    return (
      <button
        key={metric}
        type="button"
        className="card figure quality-tile"
        aria-pressed={metric === chosen}
        onClick={() => onChoose(metric)}
      >
        <span className="muted">{t(`quality.${metric}`)}</span>
        <span className="figure-value">{showMetric(format, metric, value)}</span>
        <span className="quality-facts">
          {share && <span className="muted">{share}</span>}
          {value !== null && previous !== null && (
            <Change metric={metric} now={value} before={previous} />
          )}
        </span>
      </button>
    );
  });
}

export function MonthTrend({
  data,
  metric,
  width,
}: {
  data: DataQuality;
  metric: Metric;
  width?: number;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (data.months.length === 0) return <p className="muted nothing">{t('quality.no_months')}</p>;
  const months: (Figure & { key: string; label: string; accent: boolean })[] = data.months.map(
    (month) => ({
      ...month,
      key: month.month,
      label: format.month(month.month),
      accent: month.month === data.month,
    }),
  );
  if (data.month === null) {
    months.push({ ...data.figures, key: 'now', label: t('quality.now'), accent: true });
  }
  return (
    <Bars
      width={width}
      label={t('quality.trend', { metric: t(`quality.${metric}`) })}
      axis={(value) =>
        metric === 'completeness' ? format.percent(value) : format.number(Math.round(value))
      }
      headings={[t('quality.month'), t(`quality.${metric}`)]}
      bars={months.slice(-12).map((month) => ({
        key: month.key,
        label: month.label,
        value: month[metric] ?? 0,
        text: showMetric(format, metric, month[metric]),
        accent: month.accent,
      }))}
    />
  );
}

interface Row {
  key: string;
  name: string;
  sub: string;
  figure: Figure;
  href: string | null;
}

/** Who or which department has how much of it: the worst first. */
export function Places({
  data,
  metric,
  by,
  onBy,
  onList,
}: {
  data: DataQuality;
  metric: Metric;
  by: 'departments' | 'owners';
  onBy: (by: 'departments' | 'owners') => void;
  onList: (href: string) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows: Row[] =
    by === 'owners'
      ? data.owners.map((owner) => ({
          key: `${owner.id}.${owner.department}`,
          name: owner.name || t('quality.nobody'),
          sub: owner.department,
          figure: owner,
          href: data.month === null && owner.id ? listHref(metric, owner.id) : null,
        }))
      : data.departments.map((department) => ({
          key: String(department.id),
          name: department.name || t('quality.no_department'),
          sub: '',
          figure: department,
          href: null,
        }));
  const worst = rows
    .filter((row) => row.figure[metric] !== null && (row.figure[metric] !== 0 || by !== 'owners'))
    .toSorted((a, b) => {
      const difference = (b.figure[metric] ?? 0) - (a.figure[metric] ?? 0);
      return metric === 'completeness' ? -difference : difference;
    })
    .slice(0, 10);
  const most =
    metric === 'completeness' ? 100 : Math.max(1, ...worst.map((row) => row.figure[metric] ?? 0));
  return (
    <>
      <Tabs
        label={t('quality.by')}
        items={[
          { key: 'departments', label: t('quality.by_department') },
          { key: 'owners', label: t('quality.by_owner') },
        ]}
        value={by}
        onChange={onBy}
      />
      {worst.length === 0 && <p className="muted nothing">{t('quality.nothing_here')}</p>}
      <ol className="ranking quality-places">
        {worst.map((row) => {
          const value = row.figure[metric] ?? 0;
          const text = (
            <>
              <span className="line">
                <span className="grow ellipsis">
                  {row.name}
                  {row.sub && <span className="muted"> · {row.sub}</span>}
                </span>
                <span className="muted">
                  {t('quality.customers', { count: row.figure.records })}
                </span>
                <strong>{showMetric(format, metric, value)}</strong>
                {row.href && <ChevronRight size={14} aria-hidden="true" />}
              </span>
              <span className="meter" aria-hidden="true">
                <span style={{ width: `${(value / most) * 100}%` }} />
              </span>
            </>
          );
          const { href } = row;
          return (
            <li key={row.key}>
              {by === 'owners' && <Avatar name={row.name} size={24} />}
              {href ? (
                <a
                  className="grow"
                  href={href}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey) return;
                    event.preventDefault();
                    onList(href);
                  }}
                >
                  {text}
                </a>
              ) : (
                <span className="grow">{text}</span>
              )}
            </li>
          );
        })}
      </ol>
    </>
  );
}
