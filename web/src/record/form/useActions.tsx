import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteRecord, restoreRecord } from '@/api/records';
import type { ActionMeta, ObjectMeta, RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { knownEtag, refreshLists, refreshRecord } from '../cache';
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

/** Moves records to the recycle bin; the message offers to take it back. */
export function useDelete(object: ObjectMeta) {
  const client = useQueryClient();
  const { t } = useTranslation();
  return async (records: readonly RecordData[]) => {
    const { collection } = object;
    const gone: number[] = [];
    let refusal: Error | null = null;
    for (const record of records) {
      try {
        const etag = knownEtag(client, collection, record.id) ?? record['@odata.etag'];
        await deleteRecord(collection, record.id, etag);
        gone.push(record.id);
      } catch (error) {
        refusal = error as Error;
      }
    }
    refreshLists(client, collection);
    if (gone.length > 0) {
      showToast({
        kind: 'success',
        text: t('record.deleted', {
          count: gone.length,
          object: gone.length === 1 ? object.label : object.label_plural,
        }),
        action: {
          label: t('common.undo'),
          run: () => {
            void Promise.all(gone.map((id) => restoreRecord(collection, id))).then(() => {
              refreshLists(client, collection);
              for (const id of gone) refreshRecord(client, collection, id);
            });
          },
        },
      });
    }
    if (refusal) showToast({ kind: 'error', text: refusal.message });
    return gone;
  };
}
