import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { get } from '@/api/client';
import type { SearchHit } from '@/api/types';

/** Searches every object the user may see, a moment after the last key. */
export function useGlobalSearch(text: string, limit = 20) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), 160);
    return () => window.clearTimeout(timer);
  }, [text]);
  const wanted = settled.trim();
  return useQuery({
    queryKey: ['search', wanted, limit],
    enabled: wanted.length > 0,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      get<{ value: SearchHit[] }>(
        `/search?${new URLSearchParams({ q: wanted, limit: String(limit) })}`,
        {
          signal,
        },
      ),
  });
}
