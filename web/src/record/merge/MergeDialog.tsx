import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ObjectMeta } from '@/api/types';
import { Bones, Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { useRecordWorld } from '../context';
import { type MergePreview, mergeRecords, previewMerge } from './api';
import { useUndoMerge } from './useUndoMerge';
import './merge.css';

type Field = MergePreview['fields'][number];

function Shown({ text }: { text: string }) {
  const { t } = useTranslation();
  const blank = text === '';
  return (
    <span className={blank ? 'merge-text muted' : 'merge-text'}>
      {blank ? t('merge.blank') : text}
    </span>
  );
}

/** One field of all records; the chosen value stays. */
function FieldChoice({
  field,
  preview,
  chosen,
  onChoose,
}: {
  field: Field;
  preview: MergePreview;
  chosen: number | undefined;
  onChoose: (id: number) => void;
}) {
  const { t } = useTranslation();
  const free = field.choosable && field.differs;
  const stays = (id: number) => (chosen === undefined ? field.chosen.includes(id) : chosen === id);
  return (
    <fieldset className="merge-row" data-differs={field.differs}>
      <legend className="merge-label">
        {field.label}
        {field.multiple && field.differs && <small>{t('merge.united')}</small>}
        {!field.choosable && !field.multiple && field.differs && (
          <small>{t('merge.follows_master')}</small>
        )}
      </legend>
      <div className="merge-values">
        {preview.records.map((record, at) => {
          const text = field.values[at];
          return free ? (
            <label key={record.id} className="merge-value" data-stays={stays(record.id)}>
              <input
                type="radio"
                name={`merge-${field.name}`}
                checked={stays(record.id)}
                onChange={() => onChoose(record.id)}
              />
              <Shown text={text} />
              {text !== record.title && <small className="merge-of">{record.title}</small>}
            </label>
          ) : (
            <div key={record.id} className="merge-value" data-stays={stays(record.id)}>
              <Shown text={text} />
              {text !== record.title && <small className="merge-of">{record.title}</small>}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

function Heads({
  preview,
  master,
  onMaster,
}: {
  preview: MergePreview;
  master: number;
  onMaster: (id: number) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <fieldset className="merge-row merge-heads">
      <legend className="merge-label">{t('merge.master')}</legend>
      <div className="merge-values">
        {preview.records.map((record) => (
          <label key={record.id} className="merge-value" data-stays={record.id === master}>
            <input
              type="radio"
              name="merge-master"
              checked={record.id === master}
              onChange={() => onMaster(record.id)}
            />
            <span className="merge-text">
              <strong>{record.title}</strong>
              <small className="muted">
                {[record.owner, t('merge.created', { at: format.date(record.created_at) })]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Moves({ preview }: { preview: MergePreview }) {
  const { t } = useTranslation();
  if (preview.children.length === 0) return <p className="muted">{t('merge.moves_nothing')}</p>;
  const equal = preview.children.reduce((sum, child) => sum + child.equal, 0);
  return (
    <p>
      {t('merge.moves')}
      {preview.children
        .map((child) => t('merge.moved', { count: child.count, object: child.label }))
        .join(t('merge.separator'))}
      {equal > 0 && <span className="muted"> {t('merge.equal', { count: equal })}</span>}
    </p>
  );
}

/** Records side by side: which one stays, whose values it gets, and what comes along. */
export default function MergeDialog({
  object,
  ids,
  onClose,
  onDone,
}: {
  object: ObjectMeta;
  ids: readonly number[];
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { openRecord } = useRecordWorld();
  const undo = useUndoMerge();
  const [master, setMaster] = useState(ids[0]);
  const [choices, setChoices] = useState<Record<string, number>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['merge', object.collection, ids, master],
    queryFn: ({ signal }) => previewMerge(object.collection, ids, master, signal),
    placeholderData: (before) => before,
    // What is being merged is there no more when the others hear of it.
    enabled: !busy,
    staleTime: 0,
    retry: false,
  });
  // The columns stay where they are, whichever record is to stay.
  const preview = data && inOrder(data, ids);
  const different = preview?.fields.filter((field) => field.differs) ?? [];
  const same = preview?.fields.filter((field) => !field.differs) ?? [];
  const refused = preview?.refusals ?? [];

  const submit = async () => {
    if (!preview || busy) return;
    setBusy(true);
    setMessage(null);
    try {
      const result = await mergeRecords(object.collection, master, preview.records, choices);
      showToast({
        kind: 'success',
        text: t('merge.done', { count: ids.length, object: object.label_plural }),
        action: { label: t('common.undo'), run: () => void undo(result.merge_id) },
      });
      onDone();
      openRecord(object.name, result.master_id);
      await client.invalidateQueries();
    } catch (problem) {
      setMessage((problem as Error).message);
      // Somebody changed one of them meanwhile: what is shown is shown anew.
      if (isProblem(problem) && problem.status === 412) await refetch();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      open
      className="merge-dialog"
      title={t('merge.title', { count: ids.length, object: object.label_plural })}
      onCancel={onClose}
      width={Math.min(1120, 320 + ids.length * 260)}
      footer={
        <div className="merge-foot">
          <span className="muted grow">{t('merge.undo_hint')}</span>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            danger
            loading={busy}
            disabled={!preview || isFetching || refused.length > 0}
            onClick={submit}
          >
            {t('merge.confirm', { count: ids.length })}
          </Button>
        </div>
      }
    >
      <div className="stack merge-body" style={{ ['--merge-columns' as string]: ids.length }}>
        {error && <Notice kind="error">{(error as Error).message}</Notice>}
        {message && <Notice kind="error">{message}</Notice>}
        {refused.map((refusal) => (
          <Notice key={refusal.code} kind="error">
            {refusal.message}
          </Notice>
        ))}
        {!preview && !error && <Bones rows={8} />}
        {preview && (
          <>
            <Heads
              preview={preview}
              master={master}
              onMaster={(id) => {
                setMaster(id);
                setChoices({});
              }}
            />
            {different.map((field) => (
              <FieldChoice
                key={field.name}
                field={field}
                preview={preview}
                chosen={choices[field.name]}
                onChoose={(id) => setChoices((before) => ({ ...before, [field.name]: id }))}
              />
            ))}
            {same.length > 0 && (
              <details className="merge-same">
                <summary>{t('merge.same', { count: same.length })}</summary>
                {same.map((field) => (
                  <p key={field.name} className="merge-row">
                    <span className="merge-label">{field.label}</span>
                    <span>{field.values[0]}</span>
                  </p>
                ))}
              </details>
            )}
            <Moves preview={preview} />
          </>
        )}
      </div>
    </Modal>
  );
}

function inOrder(preview: MergePreview, ids: readonly number[]): MergePreview {
  const places = ids.map((id) => preview.records.findIndex((record) => record.id === id));
  if (places.some((place) => place < 0)) return preview;
  return {
    ...preview,
    records: places.map((place) => preview.records[place]),
    fields: preview.fields.map((field) => ({
      ...field,
      values: places.map((place) => field.values[place]),
    })),
  };
}
