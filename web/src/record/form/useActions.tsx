import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { batchSize, deleteMany, restoreMany } from '@/api/records';
import type { ActionMeta, ObjectMeta, RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { useBulk } from '../bulk/bulk';
import { knownEtag } from '../cache';
import { useRecordWorld } from '../context';
import { isEnabled } from '../expression';
import { askedWhy } from '../why';
import { ActionDialog, useRunAction } from './ActionDialog';
import type { Values } from './FieldForm';

/** The actions that a record offers now, and the way to start one. */
export function useActions(
  object: ObjectMeta,
  records: readonly RecordData[],
  onDone?: (action: ActionMeta, record: RecordData | null) => void,
): {
  available: ActionMeta[];
  start: (action: ActionMeta) => void;
  dialog: ReactNode;
} {
  const { me, isAdmin, descriptor } = useRecordWorld();
  const [open, setOpen] = useState<{ action: ActionMeta; records: RecordData[] } | null>(null);
  const run = useRunAction(object);
  const many = records.length > 1;
  const about = descriptor(object.name);
  const placed = about?.placedActions ?? [];
  const variables = { me, today: new Date().toISOString().slice(0, 10) };
  const available = object.actions.filter(
    (action) =>
      (action.on ?? 'record') === 'record' &&
      action.listed !== false &&
      !placed.includes(action.name) &&
      (!many || action.bulk) &&
      records.some(
        (record) =>
          isEnabled(action.enabled_when, record, variables) &&
          !about?.withholds?.(action.name, record, { me, isAdmin }),
      ),
  );
  const start = (action: ActionMeta) => {
    const chosen = records.slice();
    if ((action.input?.length ?? 0) === 0 && !action.danger && !special(action)) {
      const go = async (input: Values) => {
        const record = await run(action, chosen, input);
        onDone?.(action, record);
      };
      go({}).catch((error: Error) => {
        if (!askedWhy(error, go)) showToast({ kind: 'error', text: error.message });
      });
    } else setOpen({ action, records: chosen });
  };
  const special = (action: ActionMeta) => descriptor(object.name)?.actionDialogs?.[action.name];
  let dialog: ReactNode = null;
  if (open) {
    const Dialog = special(open.action) ?? ActionDialog;
    dialog = (
      <Suspense fallback={null}>
        <Dialog
          object={object}
          action={open.action}
          records={open.records}
          onClose={() => setOpen(null)}
          onDone={(record) => {
            setOpen(null);
            onDone?.(open.action, record);
          }}
        />
      </Suspense>
    );
  }
  return { available, start, dialog };
}

/** Moves records to the recycle bin; the message offers to take it back. It answers with those that are gone. */
export function useDelete(object: ObjectMeta) {
  const client = useQueryClient();
  const { t } = useTranslation();
  const bulk = useBulk(object);
  return async (records: readonly RecordData[]): Promise<readonly number[]> => {
    const { collection } = object;
    const seen = new Map(records.map((record) => [record.id, record['@odata.etag']]));
    try {
      return await bulk({
        label: t('common.delete'),
        records,
        slice: batchSize,
        send: (ids) =>
          deleteMany(collection, ids, (id) => knownEtag(client, collection, id) ?? seen.get(id)),
        undo: (ids) => restoreMany(collection, ids),
        success: (count) =>
          t('record.deleted', {
            count,
            object: count === 1 ? object.label : object.label_plural,
          }),
      });
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
      return [];
    }
  };
}
