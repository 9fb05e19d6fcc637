import { useQueryClient } from '@tanstack/react-query';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { BulkResult, ObjectMeta, RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { refreshLists, refreshRecord } from '../cache';
import { makeQuestion } from '../question';
import { BulkRun, type BulkWork } from './BulkRun';

const BulkDialog = lazy(() => import('./BulkDialog'));

/** What is done to many records, for whoever watches it and reads how it ended. */
export interface BulkQuestion {
  run: BulkRun;
  object: ObjectMeta;
  label: string;
  records: readonly RecordData[];
  undo?: (ids: readonly number[]) => Promise<void>;
  /** Closes the dialog when everything has gone well; otherwise it stays and shows what has not. */
  tell: () => void;
}

const { ask: showBulk, Host: BulkHost } = makeQuestion<BulkQuestion>(BulkDialog);

export { BulkHost, showBulk };

export interface BulkJob extends Pick<BulkQuestion, 'label' | 'records'> {
  /** Most records in one request. */
  slice: number;
  /** Takes back what was done to at most a slice of records. */
  undo?: (ids: readonly number[]) => Promise<BulkResult>;
  send: BulkWork['send'];
  /** The message when all went well. */
  success: (count: number) => string;
}

/**
 * Does something to many records. It returns after the first slice, so that what it was asked from
 * can close, with the records that are done by then; a dialog shows the progress of the others and
 * how they ended. It throws when the first slice is refused as a whole.
 */
export function useBulk(object: ObjectMeta) {
  const client = useQueryClient();
  const { t } = useTranslation();
  return async ({ label, records, undo, slice, send, success }: BulkJob) => {
    const { collection } = object;
    const refresh = (ids: readonly number[]) => {
      for (const id of ids) refreshRecord(client, collection, id);
    };
    const takeBack =
      undo &&
      (async (ids: readonly number[]) => {
        const back = new BulkRun({ ids, slice, send: undo, onChanged: refresh });
        await back.goOn();
        refreshLists(client, collection);
        const { failed } = back.state();
        if (failed.length === 0) return;
        const [{ message }] = failed;
        const text = t('bulk.undo_failed', { count: failed.length, reason: message });
        showToast({ kind: 'error', text });
      });
    const ids = records.map(({ id }) => id);
    const run = new BulkRun({ ids, slice, send, onChanged: refresh });
    const tell = () => {
      refreshLists(client, collection);
      const { ok, failed } = run.state();
      if (failed.length > 0) {
        if (ids.length === 1) return showToast({ kind: 'error', text: failed[0].message });
        return showBulk(question);
      }
      showBulk(null);
      showToast({
        kind: 'success',
        text: success(ok.length),
        action: takeBack && { label: t('common.undo'), run: () => void takeBack(ok) },
      });
    };
    const question: BulkQuestion = { run, object, label, records, undo: takeBack, tell };
    await run.begin();
    if (run.hasMore) {
      showBulk(question);
      void run.goOn().then(tell);
    } else tell();
    return run.state().ok;
  };
}
