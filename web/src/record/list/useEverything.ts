import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/meta';
import { fetchPage, type ListRequest, listPath } from '@/api/records';
import type { ObjectMeta, Page, RecordData } from '@/api/types';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';

/** More are not chosen at once: an action on them would run too long to watch. */
export const mostChosen = 10_000;
/** The most rows that the server puts into one page. */
const pageSize = 500;

/** The first records of a list, page after page, up to a number of them. */
export async function collectRecords(
  first: string,
  most: number,
  onCount: (count: number) => void,
  ask: (path: string) => Promise<Page>,
): Promise<{ records: RecordData[]; isCut: boolean }> {
  const records: RecordData[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const page: Page = await ask(path);
    records.push(...page.value);
    path = page['@odata.nextLink'];
    if (records.length >= most) {
      return {
        records: records.slice(0, most),
        isCut: records.length > most || path !== undefined,
      };
    }
    onCount(records.length);
  }
  return { records, isCut: false };
}

/**
 * Everything that a list holds, beyond the rows that are loaded, for an action on all of it. It is
 * what was there when it was asked for; a list of something else forgets it.
 */
export function useEverything(
  model: Model,
  object: ObjectMeta,
  request: Omit<ListRequest, 'top'>,
  onTaken: (ids: ReadonlySet<number>) => void,
) {
  const { t } = useTranslation();
  const format = useFormat();
  const path = listPath(model, object, { ...request, top: pageSize });
  const [taken, setTaken] = useState<{ path: string; records: RecordData[] } | null>(null);
  const [counted, setCounted] = useState<number | null>(null);
  const asking = useRef<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list ends what runs for this one
  useEffect(
    () => () => {
      asking.current?.abort();
      asking.current = null;
      setCounted(null);
    },
    [path],
  );
  const take = async () => {
    asking.current?.abort();
    const mine = new AbortController();
    asking.current = mine;
    setCounted(0);
    try {
      const { records, isCut } = await collectRecords(path, mostChosen, setCounted, (each) =>
        fetchPage(each, mine.signal),
      );
      if (mine.signal.aborted) return;
      setTaken({ path, records });
      onTaken(new Set(records.map(({ id }) => id)));
      if (isCut) {
        showToast({ kind: 'info', text: t('bulk.at_most', { number: format.number(mostChosen) }) });
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      const reason = (error as Error).message;
      showToast({ kind: 'error', text: t('bulk.collect_failed', { reason }) });
    } finally {
      if (asking.current === mine) setCounted(null);
    }
  };
  return {
    /** The records beyond the loaded rows, once they were asked for. */
    records: taken?.path === path ? taken.records : null,
    /** How many have come while they come. */
    counted,
    take,
  };
}
