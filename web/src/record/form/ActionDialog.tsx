import { useQueryClient } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem, type Problem } from '@/api/problem';
import { runAction, runBulkAction } from '@/api/records';
import type { ActionMeta, FieldError, ObjectMeta, RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { patchCaches, refreshLists, refreshRecord } from '../cache';
import type { ActionDialogProps } from '../context';
import { askedWhy } from '../secondOne';
import { titleOf } from '../titles';
import { type Displays, FieldForm, missingFields, type Values } from './FieldForm';

/** Runs an action on one record or on many and tells what came of it. */
export function useRunAction(object: ObjectMeta) {
  const client = useQueryClient();
  const { t } = useTranslation();
  return async (
    action: ActionMeta,
    records: readonly RecordData[],
    input: Values,
  ): Promise<RecordData | null> => {
    const { collection } = object;
    if (records.length === 1) {
      const [record] = records;
      const changed = await runAction(collection, record.id, action.name, input);
      if (changed && typeof changed.id === 'number') {
        patchCaches(client, collection, record.id, changed);
      }
      refreshRecord(client, collection, record.id);
      refreshLists(client, collection);
      showToast({ kind: 'success', text: t('action.done', { action: action.label }) });
      return changed;
    }
    const ids = records.map((record) => record.id);
    const result = await runBulkAction(collection, ids, action.name, input);
    refreshLists(client, collection);
    for (const id of result.ok) refreshRecord(client, collection, id);
    if (result.failed.length === 0) {
      showToast({
        kind: 'success',
        text: t('action.done_many', { action: action.label, count: result.ok.length }),
      });
    } else {
      showToast({
        kind: 'error',
        text: t('action.done_partly', {
          action: action.label,
          ok: result.ok.length,
          failed: result.failed.length,
          reason: result.failed[0].message,
        }),
      });
    }
    return null;
  };
}

/** The dialog of an action that asks for something, or that cannot be taken back lightly. */
export function ActionDialog({
  object,
  action,
  records,
  given = {},
  onClose,
  onDone,
}: ActionDialogProps) {
  const { t } = useTranslation();
  const run = useRunAction(object);
  const fields = (action.input ?? []).filter(({ name }) => !(name in given));
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(fields.map((field) => [field.name, field.default ?? null])),
  );
  const [displays, setDisplays] = useState<Displays>({});
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async () => {
    const missing = missingFields(fields, values, (field) =>
      t('field.please_fill', { field: field.label }),
    );
    setErrors(missing);
    setMessage(null);
    if (missing.length > 0) return;
    const filled = Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== null && value !== ''),
    );
    setBusy(true);
    try {
      onDone(await run(action, records, { ...given, ...filled }));
    } catch (error) {
      if (
        askedWhy(error, async (duplicate_reason) =>
          onDone(await run(action, records, { ...given, ...filled, duplicate_reason })),
        )
      )
        return;
      if (isProblem(error)) setErrors((error as Problem).fields);
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const [first] = records;
  return (
    <Modal
      open
      title={action.label}
      okText={action.label}
      okButtonProps={{ danger: action.danger, loading: busy }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={submit}
      width={480}
    >
      <div className="stack">
        <p className="muted">
          {records.length === 1
            ? t('action.for_one', { name: titleOf(object, first) })
            : t('action.for_many', { count: records.length, object: object.label })}
        </p>
        {message && <Notice kind="error">{message}</Notice>}
        <FieldForm
          fields={fields}
          values={values}
          displays={displays}
          errors={errors}
          columns={1}
          autoFocus
          onChange={(name, value, display) => {
            setValues((before) => ({ ...before, [name]: value }));
            setDisplays((before) => ({ ...before, [name]: display }));
            setErrors((before) => before.filter((entry) => entry.field !== name));
          }}
        />
      </div>
    </Modal>
  );
}
