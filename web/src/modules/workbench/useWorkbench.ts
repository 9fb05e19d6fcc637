import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '@/api/client';
import type { Workbench } from '@/api/types';

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
