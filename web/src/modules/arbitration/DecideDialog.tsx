import { useQueryClient } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { refreshLists, refreshRecord } from '@/record/cache';
import { type ActionDialogProps, useRecordWorld } from '@/record/context';
import { labelOf } from '@/record/fields/shared/choices';
import { useRunAction } from '@/record/form/ActionDialog';
import { FieldForm } from '@/record/form/FieldForm';
import { Restored } from '@/record/form/Restored';
import { actionDraft, useActionForm } from '@/record/form/useActionForm';
import { useRecord } from '@/record/page/useRecord';
import { askedWhy, type Reasons } from '@/record/why';
import { Bones, Notice, Pill } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import {
  type Decision,
  decisionInput,
  decisions,
  halfEach,
  otherInputs,
  proposed,
} from './decision';
import { disputedOf, Sides } from './Sides';

/** Shares the success between both; the number is the claimant's part. */
function Share({ share, onShare }: { share: number; onShare: (share: number) => void }) {
  const { t } = useTranslation();
  return (
    <div className="share">
      <div className="line">
        <span className="grow">{t('arbitration.share_claimant', { share })}</span>
        <span>{t('arbitration.share_holder', { share: 100 - share })}</span>
      </div>
      <input
        type="range"
        min={1}
        max={99}
        value={share}
        aria-label={t('arbitration.share')}
        aria-valuetext={t('arbitration.share_of', { share, rest: 100 - share })}
        onChange={(event) => onShare(Number(event.target.value))}
      />
    </div>
  );
}

function Form({
  object,
  action,
  dispute,
  onClose,
  onDone,
}: Omit<ActionDialogProps, 'records'> & { dispute: RecordData }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { model } = useRecordWorld();
  const run = useRunAction(object);
  const form = useId();
  const disputed = disputedOf(object, dispute);
  const inputs = action.input ?? [];
  const choice = inputs.find(({ name }) => name === 'decision');
  const key = actionDraft(object, action, [dispute]);
  const fresh = () => ({ decision: proposed(dispute), share: halfEach, note: '' });
  const draft = useDraft<{ decision: Decision; share: number; note: string }>(
    `${key}.words`,
    fresh(),
  );
  const { decision, share, note } = draft.value;
  const set = (change: Partial<typeof draft.value>) =>
    draft.set((before) => ({ ...before, ...change }));
  const entries = useActionForm(inputs, key);
  const others = otherInputs(inputs, decision);
  const wrongNote = entries.errors.find(({ field }) => field === 'note')?.message;

  const send = async (reasons: Reasons = {}) => {
    const given = Object.fromEntries(
      others.map(({ name }) => [name, entries.values[name] ?? null]),
    );
    const input = { ...decisionInput(decision, share, note, given), ...reasons };
    const record = await run(action, [dispute], input);
    for (const name of ['account', 'lead']) {
      const id = dispute[`${name}_id`];
      const collection = model.object(name)?.collection;
      if (typeof id !== 'number' || !collection) continue;
      refreshRecord(client, collection, id);
      refreshLists(client, collection);
    }
    draft.clear(fresh());
    entries.forget();
    onDone(record);
  };
  const submit = () =>
    entries.submit(
      others,
      () =>
        send().catch((error: Error) => {
          if (!askedWhy(error, send)) throw error;
        }),
      note.trim() === ''
        ? [{ field: 'note', code: 'field.required', message: t('arbitration.note_missing') }]
        : [],
    );
  return (
    <Modal
      open
      title={action.label}
      okText={action.label}
      okButtonProps={{ loading: entries.busy }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={submit}
      mask={{ closable: false }}
      width={640}
    >
      <div className="stack">
        <p>
          <span className="muted">{String(dispute.code ?? '')} · </span>
          <strong>{disputed?.text ?? String(dispute.name ?? '')}</strong>
        </p>
        {(draft.restored || entries.restored) && (
          <Restored
            onStartOver={() => {
              draft.clear(fresh());
              entries.startOver();
            }}
          />
        )}
        {entries.message && !wrongNote && <Notice kind="error">{entries.message}</Notice>}
        <Sides object={object} dispute={dispute} />
        {typeof dispute.evidence === 'string' && (
          <blockquote className="evidence">
            <h3>{t('arbitration.evidence')}</h3>
            <p>{dispute.evidence}</p>
          </blockquote>
        )}
        <fieldset className="decision">
          <legend>
            {choice?.label ?? t('arbitration.decision')}
            <span className="required" title={t('field.required')}>
              *
            </span>
          </legend>
          {decisions.map((each) => (
            <label key={each} data-chosen={decision === each || undefined}>
              <input
                type="radio"
                name={`${form}-decision`}
                checked={decision === each}
                onChange={() => set({ decision: each })}
              />
              <span>
                {choice ? labelOf(choice, each) : each}
                {proposed(dispute) === each && (
                  <>
                    {' '}
                    <Pill color="green">{t('arbitration.proposed')}</Pill>
                  </>
                )}
                <small className="muted">{t(`arbitration.means.${each}`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
        {decision === 'shared' && <Share share={share} onShare={(next) => set({ share: next })} />}
        <div className="field-line" data-error={wrongNote ? true : undefined}>
          <label htmlFor={`${form}-note`}>
            {inputs.find(({ name }) => name === 'note')?.label ?? t('arbitration.note')}
            <span className="required" title={t('field.required')}>
              *
            </span>
          </label>
          <Input.TextArea
            id={`${form}-note`}
            value={note}
            maxLength={inputs.find(({ name }) => name === 'note')?.max_length}
            autoSize={{ minRows: 2, maxRows: 6 }}
            status={wrongNote ? 'error' : undefined}
            placeholder={t('arbitration.note_hint')}
            aria-describedby={wrongNote ? `${form}-note-help` : undefined}
            aria-invalid={wrongNote ? true : undefined}
            onChange={(event) => {
              set({ note: event.target.value });
              entries.clearError('note');
            }}
          />
          {wrongNote && (
            <p id={`${form}-note-help`} className="field-help" role="alert">
              {wrongNote}
            </p>
          )}
        </div>
        {others.length > 0 && <FieldForm fields={others} {...entries.inputs} />}
      </div>
    </Modal>
  );
}

/** Weighs both sides of a dispute; what the rule proposes is chosen already. */
export default function DecideDialog(props: ActionDialogProps) {
  const { t } = useTranslation();
  const { object, action, records, onClose } = props;
  const query = useRecord(object as ObjectMeta, records[0].id);
  if (query.data) return <Form {...props} dispute={query.data} />;
  return (
    <Modal
      open
      title={action.label}
      okButtonProps={{ disabled: true }}
      okText={action.label}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      width={640}
    >
      {query.failure ? <Notice kind="error">{query.failure.message}</Notice> : <Bones rows={6} />}
    </Modal>
  );
}
