import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '@/ui/toast';
import { undoMerge } from './api';

/** Takes a merge back; everything on screen may have changed with it. */
export function useUndoMerge() {
  const client = useQueryClient();
  const { t } = useTranslation();
  return useCallback(
    async (id: number) => {
      try {
        await undoMerge(id);
        showToast({ kind: 'success', text: t('merge.undone') });
      } catch (error) {
        showToast({ kind: 'error', text: (error as Error).message });
      }
      await client.invalidateQueries();
    },
    [client, t],
  );
}
