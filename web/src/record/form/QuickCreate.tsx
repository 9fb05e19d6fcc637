import { useIsMutating, useQueryClient } from '@tanstack/react-query';
import { Button, Drawer, Input, Modal } from 'antd';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '@/api/client';
import { isProblem } from '@/api/problem';
import { createRecord } from '@/api/records';
import type { DuplicateAnswer, FieldError, FieldMeta, ObjectMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import { isSubmit } from '@/ui/keyboard';
import { showToast } from '@/ui/toast';
import { usePhone } from '@/ui/useMedia';
import { refreshLists } from '../cache';
import { useRecordWorld } from '../context';
import { uploadKey } from '../fields/file/uploadKey';
import { isEditable } from '../fields/registry';
import { askedWhy, type Reasons } from '../why';
import { DuplicateHints, useDuplicates } from './DuplicateHints';
import { type Displays, FieldForm, missingFields, type Values } from './FieldForm';
import { Restored } from './Restored';

interface Draft {
  values: Values;
  displays: Displays;
  reason: string;
  key: string;
}

export interface QuickCreateProps {
  object: ObjectMeta;
  preset?: Values;
  displays?: Displays;
  onClose: () => void;
}

/** The form for a new record. Possible duplicates appear while somebody types. */
export default function QuickCreate({
  object,
  preset = {},
  displays = {},
  onClose,
}: QuickCreateProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const phone = usePhone();
  const world = useRecordWorld();
  const about = world.descriptor(object.name);
  const [all, setAll] = useState(false);
  const [taken, setTaken] = useState<readonly string[]>([]);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [refused, setRefused] = useState<DuplicateAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const uploading = useIsMutating({ mutationKey: uploadKey }) > 0;

  const fields = useMemo(() => {
    const editable = object.fields.filter((field) => isEditable(field));
    const first = new Set([
      ...(about?.createFields ?? object.list.columns),
      ...editable.filter((field) => field.required).map((field) => field.name),
      ...Object.keys(preset),
      ...taken,
    ]);
    const order = [...first, ...object.layout.flatMap((group) => group.fields)];
    const position = (field: FieldMeta) => {
      const at = order.indexOf(field.name);
      return at < 0 ? order.length : at;
    };
    return editable
      .filter((field) => all || first.has(field.name))
      .toSorted((a, b) => position(a) - position(b));
  }, [object, about, all, preset, taken]);

  const fresh = (): Draft => ({
    values: {
      ...Object.fromEntries(
        object.fields
          .filter(
            (field) => field.default !== null && field.default !== undefined && isEditable(field),
          )
          .map((field) => [field.name, field.default]),
      ),
      ...preset,
    },
    displays: { ...displays },
    reason: '',
    key: newIdempotencyKey(),
  });
  const draft = useDraft<Draft>(`new.${object.name}.${JSON.stringify(preset)}`, fresh());
  const { values, displays: texts, reason } = draft.value;
  const found = useDuplicates(object, about?.duplicateFields ?? [], values);
  const answer = refused ?? found;
  const needsReason = answer?.verdict === 'warn';
  const typed = Object.values(values).some((value) => value !== null && value !== '');

  const set = (name: string, value: unknown, display?: string) => {
    draft.set((before) => ({
      ...before,
      values: { ...before.values, [name]: value },
      displays: { ...before.displays, [name]: display },
    }));
    setErrors((before) => before.filter((entry) => entry.field !== name));
    setRefused(null);
  };

  /** What the check proposes is seen, whether or not its field is asked for first. */
  const take = (name: string, value: unknown, display?: string) => {
    setTaken((before) => [...before, name]);
    set(name, value, display);
  };

  const submit = async (another: boolean) => {
    if (uploading) return;
    const missing = missingFields(fields, values, (field) =>
      t('field.please_fill', { field: field.label }),
    );
    setErrors(missing);
    setMessage(null);
    if (missing.length > 0) return setMessage(t('form.check_fields'));
    if (needsReason && reason.trim() === '') return setMessage(t('duplicate.please_give_reason'));
    const given = Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== null && value !== ''),
    );
    if (needsReason) given.duplicate_reason = reason.trim();
    const save = async (key: string, reasons: Reasons = {}) => {
      const record = await createRecord(object.collection, { ...given, ...reasons }, key);
      draft.clear(fresh());
      setRefused(null);
      refreshLists(client, object.collection);
      showToast({
        kind: 'success',
        text: t('record.created', { object: object.label }),
        action: {
          label: t('record.view'),
          run: () => world.openRecord(object.name, record.id),
        },
      });
      if (!another) onClose();
    };
    setBusy(true);
    try {
      await save(draft.value.key);
    } catch (error) {
      if (isProblem(error)) {
        // Duplicates are shown in the form itself.
        const again = (reasons: Reasons) => save(newIdempotencyKey(), reasons);
        if (error.hits.length === 0 && askedWhy(error, again)) return;
        setErrors(error.fields);
        setMessage(error.message);
        if (error.hits.length > 0) {
          setRefused({
            verdict: error.code === 'duplicate.needs_reason' ? 'warn' : 'block',
            hits: error.hits,
          });
        }
        // The server has judged these values; other values are another request.
        draft.set((before) => ({ ...before, key: newIdempotencyKey() }));
      } else setMessage(t('error.offline_kept'));
    } finally {
      setBusy(false);
    }
  };

  const body = (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what bubbles up
    <div
      className="stack"
      onKeyDown={(event) => {
        if (isSubmit(event)) {
          event.preventDefault();
          void submit(false);
        }
      }}
    >
      {draft.restored && typed && <Restored onStartOver={() => draft.clear(fresh())} />}
      {message && <Notice kind="error">{message}</Notice>}
      <FieldForm
        fields={fields}
        values={values}
        displays={texts}
        errors={errors}
        columns={phone ? 1 : 2}
        autoFocus
        onChange={set}
      />
      {!all && (
        <button type="button" className="link-button more-fields" onClick={() => setAll(true)}>
          {t('form.all_fields')}
        </button>
      )}
      {answer && <DuplicateHints answer={answer} onTake={take} />}
      {needsReason && (
        <div className="field-line">
          <label htmlFor="duplicate-reason">
            {t('duplicate.reason')}
            <span className="required">*</span>
          </label>
          <Input
            id="duplicate-reason"
            value={reason}
            onChange={(event) => draft.set((before) => ({ ...before, reason: event.target.value }))}
          />
        </div>
      )}
    </div>
  );
  const buttons: ReactNode = (
    <div className="line form-buttons">
      <span className="muted grow form-hint">{!phone && t('form.keys')}</span>
      {!phone && (
        <Button
          onClick={() => submit(true)}
          disabled={busy || uploading || answer?.verdict === 'block'}
        >
          {t('form.save_and_new')}
        </Button>
      )}
      <Button
        type="primary"
        loading={busy}
        disabled={uploading || answer?.verdict === 'block'}
        onClick={() => submit(false)}
      >
        {needsReason ? t('duplicate.create_anyway') : t('common.save')}
      </Button>
    </div>
  );
  const title = t('record.new', { object: object.label });
  if (phone) {
    return (
      <Drawer
        open
        placement="bottom"
        size="92%"
        title={title}
        onClose={onClose}
        footer={buttons}
        className="sheet"
      >
        {body}
      </Drawer>
    );
  }
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      footer={buttons}
      width={680}
      mask={{ closable: false }}
    >
      {body}
    </Modal>
  );
}
