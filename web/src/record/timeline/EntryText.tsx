import { useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { updateRecord } from '@/api/records';
import type { TimelineEntry } from '@/api/types';
import { Notice } from '@/ui/basics';
import { isCancel, isComposing } from '@/ui/keyboard';

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
  const [text, setText] = useState(activity.content);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    setMessage(null);
    try {
      await updateRecord(
        'activities',
        activity.id,
        { content: text },
        `W/"${activity.version ?? 1}"`,
      );
      await client.invalidateQueries({ queryKey: ['timeline'] });
      onClose();
    } catch (error) {
      setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      {message && <Notice kind="error">{message}</Notice>}
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 12 }}
        value={text}
        aria-label={t('composer.title')}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (isCancel(event)) {
            event.stopPropagation();
            onClose();
          } else if (
            event.key === 'Enter' &&
            (event.ctrlKey || event.metaKey) &&
            !isComposing(event)
          ) {
            void save();
          }
        }}
      />
      <div className="line">
        <Button size="small" type="primary" loading={busy} onClick={save}>
          {t('common.save')}
        </Button>
        <Button size="small" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}
