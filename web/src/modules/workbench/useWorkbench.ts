import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { Workbench } from '@/api/types';
import { useFormat } from '@/ui/format';

const keptKey = 'kehai.workbench.scope';

export function useWorkbench() {
  const [scope, setScope] = useState(() => localStorage.getItem(keptKey) ?? 'me');
  const query = useQuery({
    queryKey: ['workbench', scope],
    queryFn: ({ signal }) =>
      get<Workbench>(`/workbench?scope=${encodeURIComponent(scope)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 300_000,
    retry: 1,
  });
  const choose = (next: string) => {
    localStorage.setItem(keptKey, next);
    setScope(next);
  };
  return { query, scope, choose };
}

/** A greeting that fits the time of day where the organisation is. */
export function useGreeting(name: string): string {
  const { t } = useTranslation();
  const { hour } = useFormat().wallTime(Date.now());
  const part = hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
  return t(`workbench.greeting_${part}`, { name });
}
