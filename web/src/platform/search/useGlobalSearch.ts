import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { SearchHit } from '@/api/types';

/** How long after the last key a search begins. */
export const searchPause = 160;

/** Searches every object the user may see. */
export function useGlobalSearch(text: string, limit = 20) {
  const wanted = text.trim();
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
