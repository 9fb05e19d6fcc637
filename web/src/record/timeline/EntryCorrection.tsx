import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '@/api/client';
import { createRecord } from '@/api/records';
import type { TimelineEntry } from '@/api/types';
import { NoteEditor } from './NoteEditor';

/** Another follow-up that says what was wrong with an older one of one's own. */
export default function EntryCorrection({
  activity,
  onClose,
}: {
  activity: NonNullable<TimelineEntry['activity']>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [key] = useState(newIdempotencyKey);
  return (
    <NoteEditor
      text=""
      label={t('timeline.correction')}
      onClose={onClose}
      onSave={async (content) => {
        await createRecord(
          'activities',
          {
            content,
            method: activity.method,
            corrects_id: activity.id,
            [`${activity.target_object}_id`]: activity.target_id,
          },
          key,
        );
        await client.invalidateQueries({ queryKey: ['timeline'] });
      }}
    />
  );
}
