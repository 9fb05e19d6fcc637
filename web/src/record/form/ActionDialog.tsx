import { useQueryClient } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { withLabel } from '@/api/problem';
import { runAction, runBulkAction } from '@/api/records';
import type { ActionMeta, ObjectMeta, RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { useBulk } from '../bulk/bulk';
import { patchCaches, refreshLists, refreshRecord } from '../cache';
import type { ActionDialogProps } from '../context';
import { titleOf } from '../titles';
import { askedWhy } from '../why';
import { FieldForm, type Values } from './FieldForm';
import { Restored } from './Restored';
import { actionDraft, ownValues, useActionForm } from './useActionForm';

/** Records in one request: few enough that the progress moves on. */
const actionSlice = 100;

/** Runs an action on one record or on many and tells what came of it. */
export function useRunAction(object: ObjectMeta) {
  const client = useQueryClient();
  const { t } = useTranslation();
  const bulk = useBulk(object);
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
    await bulk({
      label: action.label,
      records,
      slice: actionSlice,
      send: (ids, reasons, key) =>
        runBulkAction(collection, ids, action.name, { ...input, ...reasons }, key),
      success: (count) => t('action.done_many', { action: action.label, count }),
    });
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
  const form = useActionForm(
    fields,
    actionDraft(object, action, records),
    ownValues(object, fields, records),
  );
  const submit = () =>
    form.submit(fields, async () => {
      const filled = Object.fromEntries(
        Object.entries(form.values).filter(([, value]) => value !== null && value !== ''),
      );
      const send = async (more: Values = {}) => {
        const done = await run(action, records, { ...given, ...filled, ...more });
        form.forget();
        onDone(done);
      };
      try {
        await send();
      } catch (error) {
        if (!askedWhy(error, send)) throw error;
      }
    });
  // What the record itself lacks (a field that a stage requires) has no input here.
  const lacking = form.errors
    .filter(({ field }) => !fields.some(({ name }) => name === field))
    .map(({ field, message }) =>
      withLabel(object.fields.find(({ name }) => name === field)?.label ?? field, message),
    );
  const [first] = records;
  return (
    <Modal
      open
      title={action.label}
      okText={action.label}
      okButtonProps={{ danger: action.danger, loading: form.busy }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={submit}
      mask={{ closable: false }}
      width={480}
    >
      <div className="stack">
        <p className="muted">
          {records.length === 1
            ? titleOf(object, first)
            : t('action.for_many', { count: records.length, object: object.label_plural })}
        </p>
        {form.restored && <Restored onStartOver={form.startOver} />}
        {form.message && (
          <Notice kind="error">{lacking.length > 0 ? lacking.join(' ') : form.message}</Notice>
        )}
        <FieldForm fields={fields} columns={1} autoFocus {...form.inputs} />
      </div>
    </Modal>
  );
}
