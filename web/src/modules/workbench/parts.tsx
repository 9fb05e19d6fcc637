import { useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, CalendarCheck, Minus, Phone, PhoneCall } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runAction } from '@/api/records';
import type { Workbench } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { Entry } from '@/record/timeline/Entry';
import { Avatar, Empty } from '@/ui/basics';
import { Bars } from '@/ui/charts/Bars';
import { Funnel } from '@/ui/charts/Funnel';
import { type Format, useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';

/** The sums are kept for a few seconds: the page says how old they are. */
export function AsOf({ at }: { at: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <time className="muted as-of" dateTime={at}>
      {t('workbench.as_of', { time: format.clock(at) })}
    </time>
  );
}

function RecordLink({ object, id, children }: { object: string; id: number; children: ReactNode }) {
  const { hrefOf, openRecord } = useRecordWorld();
  return (
    <a
      href={hrefOf(object, id)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        openRecord(object, id, { page: true });
      }}
    >
      {children}
    </a>
  );
}

/** The key figures with their change against the period before: a word and an arrow, not only a colour. */
export function Figures({ figures }: { figures: Workbench['figures'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return figures.map((figure) => {
    const change = figure.change_percent;
    const Sign = change === null || change === 0 ? Minus : change > 0 ? ArrowUp : ArrowDown;
    return (
      <section key={figure.name} className="card figure" aria-label={t(`figure.${figure.name}`)}>
        <p className="muted">{t(`figure.${figure.name}`)}</p>
        <p className="figure-value">
          {figure.unit === 'money' ? format.moneyShort(figure.value) : format.number(figure.value)}
        </p>
        {change !== null && (
          <p className="figure-change">
            <span className={change > 0 ? 'good' : change < 0 ? 'bad' : 'muted'}>
              <Sign size={13} aria-hidden="true" />
              {t(change > 0 ? 'figure.up' : change < 0 ? 'figure.down' : 'figure.same', {
                percent: format.number(Math.abs(change)),
              })}
            </span>
            <span className="muted">{t('figure.against')}</span>
          </p>
        )}
      </section>
    );
  });
}

export function Tasks({ tasks }: { tasks: Workbench['tasks'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const finish = async (id: number) => {
    setDone((before) => new Set(before).add(id));
    const back = () =>
      setDone((before) => {
        const next = new Set(before);
        next.delete(id);
        return next;
      });
    try {
      await runAction('tasks', id, 'complete');
      showToast({
        kind: 'success',
        text: t('workbench.task_done'),
        action: {
          label: t('common.undo'),
          run: () => {
            void runAction('tasks', id, 'reopen').then(() => {
              back();
              void client.invalidateQueries({ queryKey: ['workbench'] });
            });
          },
        },
      });
      void client.invalidateQueries({ queryKey: ['list', 'tasks'] });
    } catch (error) {
      back();
      showToast({ kind: 'error', text: (error as Error).message });
    }
  };
  if (tasks.length === 0) {
    return (
      <Empty
        icon={<CalendarCheck size={24} />}
        title={t('workbench.no_tasks_title')}
        text={t('workbench.no_tasks_text')}
      />
    );
  }
  return (
    <ul className="rows">
      {tasks.map((task) => (
        <li key={task.id} className="row" data-done={done.has(task.id) || undefined}>
          <input
            type="checkbox"
            checked={done.has(task.id)}
            aria-label={t('workbench.finish', { title: task.title })}
            onChange={() => finish(task.id)}
          />
          <span className="grow">
            <RecordLink object="task" id={task.id}>
              <span className="row-title">{task.title}</span>
            </RecordLink>
            {task.object && task.record_id !== null && (
              <span className="row-sub ellipsis">
                <RecordLink object={task.object} id={task.record_id}>
                  {task.record_title}
                </RecordLink>
              </span>
            )}
          </span>
          {task.due_at && (
            <time dateTime={task.due_at} className={task.overdue ? 'late' : 'muted'}>
              {task.overdue && <span>{t('workbench.overdue')} · </span>}
              {format.relative(task.due_at)}
            </time>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Calls({ calls }: { calls: Workbench['calls'] }) {
  const { t, i18n } = useTranslation();
  const reason = (code: string | null) =>
    code && i18n.exists(`workbench.reason_${code}`) ? t(`workbench.reason_${code}`) : code;
  const format = useFormat();
  if (calls.length === 0) {
    return (
      <Empty
        icon={<PhoneCall size={24} />}
        title={t('workbench.no_calls_title')}
        text={t('workbench.no_calls_text')}
      />
    );
  }
  return (
    <ul className="rows">
      {calls.map((call) => (
        <li key={`${call.object}.${call.id}`} className="row">
          <span className="grow">
            <RecordLink object={call.object} id={call.id}>
              <span className="row-title ellipsis">{call.title}</span>
            </RecordLink>
            <span className="row-sub ellipsis">
              {[call.contact, reason(call.reason)].filter(Boolean).join(' · ')}
            </span>
          </span>
          {call.next_contact_at && (
            <time dateTime={call.next_contact_at} className="muted">
              {format.relative(call.next_contact_at)}
            </time>
          )}
          {call.phone && !call.phone.includes('*') && (
            <a
              className="icon-button call-button"
              href={`tel:${call.phone}`}
              aria-label={t('workbench.call', { name: call.contact ?? call.title })}
              title={call.phone}
            >
              <Phone size={15} aria-hidden="true" />
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

export function SalesFunnel({ funnel }: { funnel: Workbench['funnel'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const steps = funnel.filter((step) => step.kind === 'open' || step.kind === 'won');
  if (steps.length === 0 || steps.every((step) => step.count === 0)) {
    return <p className="muted nothing">{t('workbench.no_funnel')}</p>;
  }
  return (
    <Funnel
      label={t('workbench.funnel')}
      conversionLabel={t('workbench.conversion')}
      steps={steps.map((step, at) => ({
        key: step.stage_id,
        label: step.name,
        value: step.count,
        valueText: (
          <>
            <strong>{step.count}</strong>{' '}
            {step.amount !== null && (
              <span className="muted">{format.moneyShort(step.amount)}</span>
            )}
          </>
        ),
        conversion: conversionFrom(steps[at - 1]?.count, step.count, format),
        won: step.kind === 'won',
      }))}
    />
  );
}

/** The share that went on from one step to the next. */
function conversionFrom(before: number | undefined, now: number, format: Format): string | null {
  if (!before) return null;
  return format.percent(Math.round((now / before) * 1000) / 10);
}

export function totalConversion(funnel: Workbench['funnel']): number | null {
  const steps = funnel.filter((step) => step.kind === 'open' || step.kind === 'won');
  const first = steps[0]?.count ?? 0;
  const last = steps.at(-1);
  if (first === 0 || last?.kind !== 'won') return null;
  return Math.round((last.count / first) * 1000) / 10;
}

export function Trend({
  trend,
  width,
  height,
}: {
  trend: Workbench['trend'];
  width?: number;
  height?: number;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Bars
      width={width}
      height={height}
      label={t('workbench.trend')}
      axis={(value) => format.moneyShort(value)}
      headings={[t('workbench.month'), t('workbench.won_amount')]}
      bars={trend.map((entry, at) => ({
        key: entry.month,
        label: format.month(entry.month),
        value: entry.won_amount,
        text: `${format.money(entry.won_amount)} (${t('workbench.deals', { count: entry.won_count })})`,
        accent: at === trend.length - 1,
      }))}
    />
  );
}

export function Ranking({ ranking }: { ranking: Workbench['ranking'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const best = Math.max(1, ...ranking.map((entry) => entry.won_amount));
  if (ranking.length === 0) return <p className="muted nothing">{t('workbench.no_ranking')}</p>;
  return (
    <ol className="ranking">
      {ranking.map((entry, at) => (
        <li key={entry.user_id}>
          <span className="rank">{at + 1}</span>
          <Avatar name={entry.name} size={24} />
          <span className="grow">
            <span className="line">
              <span className="grow ellipsis">{entry.name}</span>
              <span className="muted">{t('workbench.deals', { count: entry.won_count })}</span>
              <strong>{format.moneyShort(entry.won_amount)}</strong>
            </span>
            <span className="meter" aria-hidden="true">
              <span style={{ width: `${(entry.won_amount / best) * 100}%` }} />
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

export function Recent({ recent }: { recent: Workbench['recent'] }) {
  const { t } = useTranslation();
  if (recent.length === 0) return <p className="muted nothing">{t('workbench.no_recent')}</p>;
  return (
    <ol className="entries">
      {recent.map((entry, at) => (
        <Entry
          // biome-ignore lint/suspicious/noArrayIndexKey: several entries may share one instant
          key={`${entry.at}.${at}`}
          entry={entry}
          subject={
            entry.object && entry.record_id !== undefined ? (
              <RecordLink object={entry.object} id={entry.record_id}>
                {entry.record_title}
              </RecordLink>
            ) : undefined
          }
        />
      ))}
    </ol>
  );
}
