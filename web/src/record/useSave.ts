import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { isReference, navigationOf } from '@/api/meta';
import { isProblem } from '@/api/problem';
import { updateRecord } from '@/api/records';
import type { ObjectMeta, RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { knownEtag, patchCaches } from './cache';
import { askConflict } from './conflict';
import { useRecordWorld } from './context';
import { referenceText } from './fields/shared/references';
import { askedWhy, type Reasons } from './why';

export interface SaveOptions {
  /** No message afterwards: the caller tells about many changes at once. */
  quiet?: boolean;
  /** The version that the change is about, when it is not the newest one that this tab has seen. */
  etag?: string;
}

export type Save = (
  record: RecordData,
  change: Record<string, unknown>,
  displays?: Record<string, string | undefined>,
  options?: SaveOptions,
) => Promise<void>;

/** The change as it looks in a record: with the texts of references beside their ids. */
export function withDisplays(
  object: ObjectMeta,
  change: Record<string, unknown>,
  displays: Record<string, string | undefined>,
): Record<string, unknown> {
  const full: Record<string, unknown> = { ...change };
  for (const [name, value] of Object.entries(change)) {
    const field = object.fields.find((candidate) => candidate.name === name);
    if (field && isReference(field) && !field.multiple) {
      full[navigationOf(name)] =
        value === null || value === undefined ? null : { name: displays[name] ?? `#${value}` };
    }
  }
  return full;
}

/**
 * Saves some fields of a record. The screen shows the change at once; a refusal takes it back and is
 * thrown to the editor, which keeps what was typed; a stale version asks which value shall stay.
 */
export function useSave(object: ObjectMeta): Save {
  const client = useQueryClient();
  const { model } = useRecordWorld();
  const { t } = useTranslation();

  return useCallback(
    async function save(record, change, displays = {}, options = {}) {
      const { collection } = object;
      const before: Record<string, unknown> = {};
      const beforeDisplays: Record<string, string | undefined> = {};
      for (const name of Object.keys(change)) {
        before[name] = record[name] ?? null;
        const field = object.fields.find((candidate) => candidate.name === name);
        if (field && isReference(field)) beforeDisplays[name] = referenceText(field, record);
      }
      const etag =
        options.etag ?? knownEtag(client, collection, record.id) ?? record['@odata.etag'];
      patchCaches(client, collection, record.id, withDisplays(object, change, displays));
      try {
        const saved = await updateRecord(collection, record.id, change, etag);
        patchCaches(client, collection, record.id, saved);
        void client.invalidateQueries({ queryKey: ['timeline', collection, record.id] });
        if (!options.quiet) {
          showToast({
            kind: 'success',
            text: t('record.saved'),
            about: [collection, record.id, ...Object.keys(change).sort()].join('/'),
            action: {
              label: t('common.undo'),
              run: () => {
                void save({ ...record, ...saved }, before, beforeDisplays, { quiet: true }).then(
                  () => showToast({ kind: 'info', text: t('record.undone') }),
                  (error: Error) => showToast({ kind: 'error', text: error.message }),
                );
              },
            },
          });
        }
      } catch (error) {
        patchCaches(client, collection, record.id, withDisplays(object, before, beforeDisplays));
        if (isProblem(error) && error.status === 412) {
          askConflict({ object, model, record, change, displays, problem: error, save });
          return;
        }
        const again = (reasons: Reasons) => save(record, { ...change, ...reasons }, displays);
        if (askedWhy(error, again)) return;
        throw error;
      }
    },
    [client, model, object, t],
  );
}
