import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '@/api/client';
import type { ObjectMeta } from '@/api/types';
import { showToast } from '@/ui/toast';

interface ExportJob {
  id: number;
  status: string;
  message?: string;
}

/** Starts an export of a list and downloads it when it is ready. */
export function useExport(object: ObjectMeta) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const run = async (what: {
    filter?: string;
    search?: string;
    columns: string[];
    orderby?: string;
  }) => {
    setBusy(true);
    try {
      let job = await post<ExportJob>('/exports', { object: object.name, format: 'xlsx', ...what });
      while (job.status !== 'done' && job.status !== 'failed' && job.status !== 'cancelled') {
        await new Promise((resolve) => window.setTimeout(resolve, 800));
        job = await get<ExportJob>(`/exports/${job.id}`);
      }
      if (job.status !== 'done') throw new Error(job.message ?? t('list.export_failed'));
      const link = document.createElement('a');
      link.href = `/api/v1/exports/${job.id}/file`;
      link.download = '';
      link.click();
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}
