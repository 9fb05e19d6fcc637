import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { updateRecord } from '@/api/records';
import type { TimelineEntry } from '@/api/types';
import { NoteEditor } from './NoteEditor';

/** Changes the text of a follow-up while its author may. */
export default function EntryText({
  activity,
  onClose,
}: {
  activity: NonNullable<TimelineEntry['activity']>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <NoteEditor
      text={activity.content}
      label={t('composer.title')}
      onClose={onClose}
      onSave={async (content) => {
        await updateRecord('activities', activity.id, { content }, `W/"${activity.version ?? 1}"`);
        await client.invalidateQueries({ queryKey: ['timeline'] });
      }}
    />
  );
}
