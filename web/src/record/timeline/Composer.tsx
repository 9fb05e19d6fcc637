import { useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '@/api/client';
import type { AttachedFile } from '@/api/files';
import { isProblem } from '@/api/problem';
import { createRecord } from '@/api/records';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import { isMac, isSubmit } from '@/ui/keyboard';
import { looksMarked } from '@/ui/markdown/looksMarked';
import { Markdown, prepareMarkdown } from '@/ui/markdown/Markdown';
import { showToast } from '@/ui/toast';
import { refreshLists, refreshRecord } from '../cache';
import { useRecordWorld } from '../context';
import { FilePicker } from '../fields/file/FilePicker';
import { useFiles } from '../fields/file/useFiles';
import { fieldKinds, isEditable } from '../fields/registry';
import { useAccountOf } from './ContactPicker';
import { MentionInput } from './MentionInput';
import { asFields, type More, MoreFields, nothingMore, saysMore } from './MoreFields';
import { type Mentioned, stillMentioned } from './mentions';
import { findUnseeing } from './unseeing';
import { useShowsMore } from './useShowsMore';

interface Draft {
  content: string;
  method: string;
  outcome: string | null;
  next_contact_at: string | null;
  /** Nobody was reached: it does not count as a follow-up. */
  is_failed_attempt: boolean;
  /** Whoever was chosen behind an @, also when the name was deleted again. */
  people?: Mentioned[];
  attachments?: AttachedFile[];
  more?: More;
  key: string;
}

/** Of somebody who may not see the files of follow-ups. */
const noFiles: FieldMeta = { name: 'attachments', type: 'file', label: '', multiple: true };

/** Writes a follow-up. The text stays, also over a reload, until the server has it. */
export function Composer({
  object,
  id,
  autoFocus,
  onSaved,
}: {
  object: ObjectMeta;
  id: number;
  autoFocus?: boolean;
  onSaved?: (id: number) => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { model } = useRecordWorld();
  const activity = model.object('activity');
  const fieldOf = (name: string) => activity?.fields.find((field) => field.name === name);
  const method = fieldOf('method');
  const outcome = fieldOf('outcome');
  const next = fieldOf('next_contact_at');
  const missed = fieldOf('is_failed_attempt');
  const fresh = (): Draft => ({
    content: '',
    method: String(method?.default ?? method?.options?.[0]?.value ?? 'phone'),
    outcome: null,
    next_contact_at: null,
    is_failed_attempt: false,
    key: newIdempotencyKey(),
  });
  const draft = useDraft<Draft>(`follow_up.${object.name}.${id}`, fresh());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [focused, setFocused] = useState(autoFocus === true);
  const [previewing, setPreviewing] = useState(false);
  const { value } = draft;
  const more = value.more ?? nothingMore;
  const [showsMore, setShowsMore] = useShowsMore();
  const account = useAccountOf(object.name, object.collection, id);
  const open =
    focused || value.content !== '' || (value.attachments ?? []).length > 0 || saysMore(more);
  const change = (part: Partial<Draft>) => draft.set((before) => ({ ...before, ...part }));
  const NextInput = fieldKinds.datetime.Input;
  const attachments = fieldOf('attachments');
  const files = useFiles(attachments ?? noFiles, value.attachments, (next) => {
    setFocused(true);
    change({ attachments: next });
  });

  const submit = async () => {
    if (value.content.trim() === '' || busy || files.isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const { key, people = [], more: given, ...fields } = value;
      const mentioned = stillMentioned(fields.content, people);
      const mention_ids = mentioned.map((person) => person.id);
      const saved = await createRecord(
        'activities',
        {
          ...fields,
          ...(given && saysMore(given) ? asFields(given) : {}),
          [`${object.name}_id`]: id,
          ...(mention_ids.length > 0 ? { mention_ids } : {}),
        },
        key,
      );
      void findUnseeing(client, object, id, mentioned);
      await prepareMarkdown(fields.content);
      draft.clear(fresh());
      setFocused(false);
      setPreviewing(false);
      refreshRecord(client, object.collection, id);
      refreshLists(client, object.collection);
      showToast({ kind: 'success', text: t('composer.saved') });
      onSaved?.(saved.id);
    } catch (failure) {
      setError(
        (isProblem(failure) && failure.fields[0]?.message) ||
          (isProblem(failure) ? failure.message : t('error.offline_kept')),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <section
      className="composer"
      aria-label={t('composer.title')}
      data-open={open || undefined}
      {...(attachments && isEditable(attachments) ? files.target : {})}
    >
      {previewing && value.content !== '' ? (
        <div className="composer-preview">
          <Markdown text={value.content} />
        </div>
      ) : (
        <MentionInput
          value={value.content}
          autoSize={{ minRows: open ? 3 : 1, maxRows: 12 }}
          autoFocus={autoFocus}
          placeholder={t('composer.placeholder')}
          aria-label={t('composer.placeholder')}
          onFocus={() => setFocused(true)}
          onChange={(content) => change({ content })}
          onMention={(person) =>
            draft.set((before) => ({ ...before, people: [...(before.people ?? []), person] }))
          }
          onKeyDown={(event) => {
            if (isSubmit(event)) {
              event.preventDefault();
              void submit();
            }
          }}
        />
      )}
      {open && (
        <>
          {error && <Notice kind="error">{error}</Notice>}
          {draft.restored && value.content !== '' && (
            <Notice>
              {t('composer.restored')}{' '}
              <button type="button" className="link-button" onClick={() => draft.clear(fresh())}>
                {t('composer.discard')}
              </button>
            </Notice>
          )}
          {(showsMore || saysMore(more)) && activity && (
            <MoreFields
              fields={activity.fields}
              account={account}
              value={more}
              onChange={(part) =>
                draft.set((before) => ({
                  ...before,
                  more: { ...(before.more ?? nothingMore), ...part },
                }))
              }
            />
          )}
          {attachments && isEditable(attachments) && (
            <FilePicker files={files} label={attachments.label} />
          )}
          <div className="composer-tools">
            <Select
              value={value.method}
              aria-label={method?.label ?? t('composer.method')}
              options={(method?.options ?? []).map(({ value: key, label }) => ({
                value: key,
                label,
              }))}
              popupMatchSelectWidth={false}
              onChange={(chosen) => change({ method: chosen })}
            />
            {outcome && (
              <Select
                value={value.outcome ?? undefined}
                allowClear
                placeholder={outcome.label}
                aria-label={outcome.label}
                options={(outcome.options ?? []).map(({ value: key, label }) => ({
                  value: key,
                  label,
                }))}
                popupMatchSelectWidth={false}
                onChange={(chosen) => change({ outcome: chosen ?? null })}
              />
            )}
            {next && NextInput && (
              <span className="composer-next">
                <NextInput
                  field={next}
                  value={value.next_contact_at}
                  label={next.label}
                  placeholder={next.label}
                  onChange={(chosen) => change({ next_contact_at: (chosen as string) ?? null })}
                />
              </span>
            )}
            {missed && (
              <label className="line composer-missed">
                <input
                  type="checkbox"
                  checked={value.is_failed_attempt === true}
                  onChange={(event) => change({ is_failed_attempt: event.target.checked })}
                />
                {missed.label}
              </label>
            )}
            <button
              type="button"
              className="link-button"
              aria-expanded={showsMore}
              onClick={() => setShowsMore(!showsMore)}
            >
              {t(showsMore ? 'composer.less' : 'composer.more')}
            </button>
            <span className="grow" />
            {looksMarked(value.content) && (
              <button
                type="button"
                className="link-button"
                title={t('composer.markdown')}
                onClick={() => setPreviewing(!previewing)}
              >
                {t(previewing ? 'composer.write' : 'composer.preview')}
              </button>
            )}
            <Button
              type="primary"
              loading={busy}
              disabled={value.content.trim() === '' || files.isBusy}
              title={isMac ? '⌘ Enter' : 'Ctrl Enter'}
              onClick={submit}
            >
              {t('composer.save')}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
