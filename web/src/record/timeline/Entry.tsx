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
import { Trans, useTranslation } from 'react-i18next';
import type { TimelineEntry } from '@/api/types';
import { Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { Markdown } from '@/ui/markdown/Markdown';
import { useRecordWorld } from '../context';
import { FileItem, FileItems } from '../fields/file/FileItems';
import { labelOf } from '../fields/shared/choices';

const UndoMerge = lazy(() => import('../merge/UndoMerge'));
const EntryText = lazy(() => import('./EntryText'));
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
  const activityMeta = model.object('activity');
  const option = (name: string, value: string | null | undefined) => {
    const field = activityMeta?.fields.find((candidate) => candidate.name === name);
    if (!field || !value) return null;
    return {
      label: labelOf(field, value),
      color: field.options?.find((o) => o.value === value)?.color,
    };
  };
  const method = option('method', activity?.method);
  const outcome = option('outcome', activity?.outcome);

  let line: ReactNode;
  if (entry.kind === 'activity') {
    line = <span className="muted">{method?.label ?? t('timeline.activity')}</span>;
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
    <li className="entry" data-kind={entry.kind}>
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
            {activity.corrects_id && <Pill color="orange">{t('timeline.corrects')}</Pill>}
            {editing ? (
              <Suspense fallback={<p>{activity.content}</p>}>
                <EntryText activity={activity} onClose={() => setEditing(false)} />
              </Suspense>
            ) : (
              <Markdown text={activity.content} />
            )}
            {activity.attachments && activity.attachments.length > 0 && (
              <FileItems label={t('file.list')}>
                {activity.attachments.map((file) => (
                  <FileItem
                    key={file.id}
                    file={file}
                    home={{ collection: 'activities', id: activity.id }}
                  />
                ))}
              </FileItems>
            )}
            {(outcome || activity.next_contact_at) && (
              <div className="line entry-facts">
                {outcome && (
                  <Pill color={outcome.color} dot>
                    {outcome.label}
                  </Pill>
                )}
                {activity.next_contact_at && (
                  <span className="muted">
                    <Trans
                      i18nKey="timeline.next_contact"
                      values={{ at: format.dateTime(activity.next_contact_at) }}
                    />
                  </span>
                )}
              </div>
            )}
          </div>
        )}
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
