import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '@/api/client';
import type { Notification, Page } from '@/api/types';

export function useUnreadCount(): number {
  const { data } = useQuery({
    queryKey: ['notifications', 'unread'],
    queryFn: () => get<{ count: number }>('/notifications/unread_count'),
    refetchInterval: 300_000,
  });
  return data?.count ?? 0;
}

export function useNotifications(unreadOnly: boolean, enabled = true) {
  const parameters = new URLSearchParams({ $orderby: 'created_at desc', $top: '30' });
  if (unreadOnly) parameters.set('$filter', 'read_at eq null');
  return useInfiniteQuery({
    queryKey: ['notifications', 'list', unreadOnly],
    enabled,
    queryFn: ({ pageParam }) => get<Page<Notification>>(pageParam),
    initialPageParam: `/notifications?${parameters}`,
    getNextPageParam: (page) => page['@odata.nextLink'],
  });
}

export function useMarkRead() {
  const client = useQueryClient();
  return async (ids: number[] | 'all') => {
    await post('/notifications/read', ids === 'all' ? { all: true } : { ids });
    await client.invalidateQueries({ queryKey: ['notifications'] });
  };
}
