import {
  ArrowRight,
  Flag,
  Merge,
  MessageSquareText,
  Pencil,
  Plus,
  UserCheck,
  Zap,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TimelineEntry } from '@/api/types';
import { useFormat } from '@/ui/format';
import { useRecordWorld } from '../context';
import { labelOf } from '../fields/shared/choices';
import { Comments } from './Comments';
import { FollowUp } from './FollowUp';

const UndoMerge = lazy(() => import('../merge/UndoMerge'));
const EntryEditor = lazy(() => import('./EntryEditor'));
const EntryCorrection = lazy(() => import('./EntryCorrection'));

const signs = {
  activity: MessageSquareText,
  create: Plus,
  change: Pencil,
  stage: Flag,
  owner: UserCheck,
  action: Zap,
  merge: Merge,
};

function FromTo({ from, to }: { from?: string | null; to?: string | null }) {
  const { t } = useTranslation();
  return (
    <span className="from-to">
      <span className="muted">{from || t('timeline.empty')}</span>
      <ArrowRight size={12} role="img" aria-label={t('timeline.to')} />
      <span>{to || t('timeline.empty')}</span>
    </span>
  );
}

/** One line of a timeline: who did what, when. With `subject` it also names the record. */
export function Entry({ entry, subject }: { entry: TimelineEntry; subject?: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model } = useRecordWorld();
  const [editing, setEditing] = useState(false);
  const [correcting, setCorrecting] = useState(false);
  const Sign = signs[entry.kind] ?? Zap;
  const who = entry.by?.name ?? t('timeline.system');
  const activity = entry.activity;
  const methodField = model.object('activity')?.fields.find(({ name }) => name === 'method');
  const method = methodField && activity?.method ? labelOf(methodField, activity.method) : null;

  let line: ReactNode;
  if (entry.kind === 'activity') {
    line = <span className="muted">{method ?? t('timeline.activity')}</span>;
  } else if (entry.kind === 'create') line = <span className="muted">{t('timeline.created')}</span>;
  else if (entry.kind === 'stage') line = <span className="muted">{t('timeline.stage')}</span>;
  else if (entry.kind === 'owner') line = <span className="muted">{t('timeline.owner')}</span>;
  else if (entry.kind === 'merge')
    line = (
      <span className="muted">
        {t('merge.entry', { titles: (entry.merged ?? []).join(t('merge.separator')) })}
        {entry.undone && t('merge.entry_undone')}
      </span>
    );
  else if (entry.kind === 'change') line = <span className="muted">{t('timeline.changed')}</span>;
  else {
    const action = model.objects
      .flatMap((object) => object.actions)
      .find(({ name }) => name === entry.action);
    // Some things the server notes down without anybody having started an action.
    const noted = t(`timeline.noted.${entry.action}`, { defaultValue: t('timeline.noted.other') });
    line = <span className="muted">{entry.label ?? action?.label ?? noted}</span>;
  }

  return (
    <li className="entry" data-kind={entry.kind} data-activity={activity?.id}>
      <span className="entry-sign" aria-hidden="true">
        <Sign size={13} strokeWidth={1.75} />
      </span>
      <div className="grow">
        <div className="entry-head">
          <strong>{who}</strong>
          {line}
          {subject}
          <span className="grow" />
          {activity?.editable && !editing && !subject && (
            <button type="button" className="link-button" onClick={() => setEditing(true)}>
              {t('common.edit')}
            </button>
          )}
          {activity?.correctable && !correcting && !subject && (
            <button
              type="button"
              className="link-button"
              title={t('timeline.correct_why')}
              onClick={() => setCorrecting(true)}
            >
              {t('timeline.correct')}
            </button>
          )}
          <time dateTime={entry.at} title={format.dateTime(entry.at)}>
            {format.relative(entry.at)}
          </time>
        </div>
        {activity && (
          <div className="entry-card">
            {editing ? (
              <Suspense fallback={<p>{activity.content}</p>}>
                <EntryEditor activity={activity} onClose={() => setEditing(false)} />
              </Suspense>
            ) : (
              <FollowUp activity={activity} />
            )}
          </div>
        )}
        {activity && !subject && !editing && <Comments activity={activity} />}
        {correcting && activity && (
          <Suspense fallback={null}>
            <EntryCorrection activity={activity} onClose={() => setCorrecting(false)} />
          </Suspense>
        )}
        {(entry.kind === 'stage' || entry.kind === 'owner') && (
          <FromTo from={entry.from} to={entry.to} />
        )}
        {entry.of && <p className="muted">{t('merge.of', { title: entry.of })}</p>}
        {entry.undoable_until && entry.merge_id && (
          <Suspense fallback={null}>
            <UndoMerge id={entry.merge_id} />
          </Suspense>
        )}
        {entry.reason && <p className="muted">{t('timeline.reason', { reason: entry.reason })}</p>}
        {entry.changes && (
          <ul className="entry-changes">
            {entry.changes.map((change) => (
              <li key={change.field}>
                <span className="muted">{change.label}</span>
                <FromTo from={change.before} to={change.after} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
