import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { FieldError } from '@/api/types';
import {
  apply,
  cancel,
  changeSettings,
  type Import,
  type ImportSettings,
  isRunning,
  readImport,
  undo,
  validate,
} from './api';

const pollMilliseconds = 700;

/**
 * One import and what can be done with it. Changes of the settings go out one after the other, in
 * the order in which they were made; what is on screen does not wait for them.
 */
export function useImport(id: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const key = ['import', id];
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const query = useQuery({
    queryKey: key,
    queryFn: () => readImport(id),
    // Live events come besides; polling also works where a proxy holds the stream back.
    refetchInterval: ({ state }) =>
      state.data && isRunning(state.data.status) ? pollMilliseconds : false,
  });

  const run = useCallback(
    (work: () => Promise<Import>): Promise<Import | null> => {
      const next = queue.current.then(async () => {
        setBusy(true);
        setMessage(null);
        setErrors([]);
        try {
          const job = await work();
          client.setQueryData(['import', id], (before: Import | undefined) => ({
            ...before,
            ...job,
          }));
          return job;
        } catch (error) {
          if (isProblem(error)) setErrors(error.fields);
          setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
          return null;
        } finally {
          setBusy(false);
        }
      });
      queue.current = next;
      return next;
    },
    [client, id, t],
  );
  return {
    query,
    job: query.data,
    busy,
    message,
    errors,
    change: (change: ImportSettings) => run(() => changeSettings(id, change)),
    validate: () => run(() => validate(id)),
    apply: (rows: 'all_or_nothing' | 'good_rows') => run(() => apply(id, rows)),
    cancel: () => run(() => cancel(id)),
    undo: () => run(() => undo(id)),
  };
}

export type ImportControl = ReturnType<typeof useImport>;
