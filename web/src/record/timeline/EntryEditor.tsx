import { useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttachedFile } from '@/api/files';
import { isProblem } from '@/api/problem';
import { updateRecord } from '@/api/records';
import type { FieldMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { isCancel, isSubmit } from '@/ui/keyboard';
import { prepareMarkdown } from '@/ui/markdown/Markdown';
import { useRecordWorld } from '../context';
import { FilePicker } from '../fields/file/FilePicker';
import { useFiles } from '../fields/file/useFiles';
import { isEditable } from '../fields/registry';
import { type Named, useAccountOf } from './ContactPicker';
import type { Activity } from './FollowUp';
import { asFields, type More, MoreFields } from './MoreFields';

const noFiles: FieldMeta = { name: 'attachments', type: 'file', label: '', multiple: true };
const isSeen = (person: { id: number | null; name: string }): person is Named => person.id !== null;

/** Changes a follow-up while its author may: what was said, who took part, the files. */
export default function EntryEditor({
  activity,
  onClose,
}: {
  activity: Activity;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { model } = useRecordWorld();
  const fields = model.object('activity')?.fields ?? [];
  const given: More = {
    contacts: (activity.contacts ?? []).filter(isSeen),
    feedback: activity.feedback ?? '',
    next_plan: activity.next_plan ?? '',
  };
  const [content, setContent] = useState(activity.content);
  const [more, setMore] = useState(given);
  const [attachments, setAttachments] = useState<AttachedFile[]>(activity.attachments ?? []);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fileField = fields.find(({ name }) => name === 'attachments');
  const files = useFiles(fileField ?? noFiles, attachments, setAttachments);
  const target = activity.target_object ? model.object(activity.target_object) : undefined;
  const account = useAccountOf(
    activity.target_object ?? '',
    target?.collection ?? '',
    activity.target_id ?? 0,
  );
  // Somebody whom this person may not see stays named; the list can then not be changed.
  const isWhole = (activity.contacts ?? []).every(isSeen);

  const save = async () => {
    if (content.trim() === '' || busy || files.isBusy) return;
    const before = { ...asFields(given), content: activity.content };
    const after: Record<string, unknown> = { ...asFields(more), content };
    const change = Object.fromEntries(
      Object.entries(after).filter(
        ([name, value]) =>
          JSON.stringify(value) !== JSON.stringify((before as Record<string, unknown>)[name]),
      ),
    );
    const ids = (list: readonly AttachedFile[] | undefined) =>
      JSON.stringify((list ?? []).map(({ id }) => id));
    if (ids(attachments) !== ids(activity.attachments)) change.attachments = attachments;
    if (Object.keys(change).length === 0) return onClose();
    setBusy(true);
    setMessage(null);
    try {
      await updateRecord('activities', activity.id, change, `W/"${activity.version ?? 1}"`);
      await prepareMarkdown(content);
      await client.invalidateQueries({ queryKey: ['timeline'] });
      onClose();
    } catch (error) {
      setMessage(
        isProblem(error) ? (error.fields[0]?.message ?? error.message) : t('error.offline_kept'),
      );
    } finally {
      setBusy(false);
    }
  };
  const shownFields = isWhole ? fields : fields.filter(({ name }) => name !== 'contact_ids');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys and files of the inputs inside
    <div
      className="stack entry-editor"
      {...(fileField && isEditable(fileField) ? files.target : {})}
      onKeyDown={(event) => {
        if (isCancel(event)) {
          event.stopPropagation();
          onClose();
        } else if (isSubmit(event)) {
          void save();
        }
      }}
    >
      {message && <Notice kind="error">{message}</Notice>}
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 12 }}
        value={content}
        placeholder={t('composer.title')}
        aria-label={t('composer.title')}
        onChange={(event) => setContent(event.target.value)}
      />
      <MoreFields
        labelled
        fields={shownFields}
        account={account}
        value={more}
        onChange={(part) => setMore((before) => ({ ...before, ...part }))}
      />
      {fileField && isEditable(fileField) && (
        <FilePicker
          files={files}
          label={fileField.label}
          home={{ collection: 'activities', id: activity.id }}
        />
      )}
      <div className="line">
        <Button
          size="small"
          type="primary"
          loading={busy}
          disabled={content.trim() === '' || files.isBusy}
          onClick={save}
        >
          {t('common.save')}
        </Button>
        <Button size="small" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}
