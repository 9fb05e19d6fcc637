import { ArrowRight, MessageCircleReply } from 'lucide-react';
import type { ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { TimelineEntry } from '@/api/types';
import { Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { Markdown } from '@/ui/markdown/Markdown';
import { useRecordWorld } from '../context';
import { FileItem, FileItems } from '../fields/file/FileItems';
import { labelOf } from '../fields/shared/choices';

export type Activity = NonNullable<TimelineEntry['activity']>;

/** Something that was said beside the text, under its name. */
function Said({ name, sign, children }: { name: string; sign: ReactNode; children: ReactNode }) {
  return (
    <div className="entry-said">
      <span className="entry-said-name muted">
        {sign}
        {name}
      </span>
      {children}
    </div>
  );
}

function Contacts({ people }: { people: NonNullable<Activity['contacts']> }) {
  const { t } = useTranslation();
  const { hrefOf, openRecord } = useRecordWorld();
  return (
    <span className="entry-people">
      <span className="muted">{t('timeline.with')}</span>
      {people.map(({ id, name }, at) =>
        id === null ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: veiled people cannot be told apart
          <span key={`veiled-${at}`} className="muted">
            {name}
          </span>
        ) : (
          <a
            key={id}
            href={hrefOf('contact', id)}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              openRecord('contact', id, { page: true });
            }}
          >
            {name}
          </a>
        ),
      )}
    </span>
  );
}

/** What a follow-up says: its text and everything beside it. */
export function FollowUp({ activity }: { activity: Activity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model } = useRecordWorld();
  const fieldOf = (name: string) =>
    model.object('activity')?.fields.find((field) => field.name === name);
  const outcome = fieldOf('outcome');
  const label = (name: string) => fieldOf(name)?.label ?? '';
  const contacts = activity.contacts ?? [];
  const hasFacts = (outcome && activity.outcome) || activity.next_contact_at || contacts.length > 0;
  return (
    <>
      {activity.corrects_id && <Pill color="orange">{t('timeline.corrects')}</Pill>}
      <Markdown text={activity.content} />
      {activity.feedback && (
        <Said
          name={label('feedback')}
          sign={<MessageCircleReply size={13} strokeWidth={1.75} aria-hidden="true" />}
        >
          <Markdown text={activity.feedback} />
        </Said>
      )}
      {activity.next_plan && (
        <Said
          name={label('next_plan')}
          sign={<ArrowRight size={13} strokeWidth={1.75} aria-hidden="true" />}
        >
          <Markdown text={activity.next_plan} />
        </Said>
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
      {hasFacts && (
        <div className="line entry-facts">
          {outcome && activity.outcome && (
            <Pill color={outcome.options?.find((o) => o.value === activity.outcome)?.color} dot>
              {labelOf(outcome, activity.outcome)}
            </Pill>
          )}
          {contacts.length > 0 && <Contacts people={contacts} />}
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
    </>
  );
}
