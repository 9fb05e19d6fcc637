import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { get, post } from '@/api/client';
import { runAction } from '@/api/records';
import type { RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { readAll } from './data';
import {
  type Delivery,
  type DeliveryPage,
  type DeliveryStatus,
  stateOf,
  type Webhook,
} from './webhooks';

const collection = 'webhooks';

/** How things stand changes without anybody's doing; whoever looks at it wants to see that. */
const stateMilliseconds = 10_000;
const soonMilliseconds = 2000;

/** When the state of webhooks is read again: soon while a receiver in trouble is being tried. */
export function stateInterval(webhooks: readonly Webhook[] | undefined): number {
  const isTried = webhooks?.some(
    (webhook) => stateOf(webhook) === 'failing' && webhook.rests_until === null,
  );
  return isTried ? soonMilliseconds : stateMilliseconds;
}

/** While messages wait they are looked at this often, but not longer than this after the last thing that was done. */
const followMilliseconds = 1000;
export const longestFollow = 60_000;

const pageSize = 50;

export function useWebhooks() {
  return useQuery<Webhook[]>({
    queryKey: ['settings', collection],
    staleTime: 5_000,
    refetchInterval: ({ state }) => stateInterval(state.data),
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams({
        $orderby: 'created_at',
        $expand: 'user($select=name)',
        $top: '500',
      });
      return readAll<Webhook>(`/${collection}?${parameters}`, signal);
    },
  });
}

/** When the messages are read again: soon while one waits and somebody waits for it, else not by itself. */
export function followInterval(
  data: InfiniteData<DeliveryPage> | undefined,
  now: number,
  until: number,
): number | false {
  const [first] = data?.pages ?? [];
  if (!first || first.waiting === 0 || now > until) return false;
  // All pages are read anew: who has opened many of them watches no single message.
  return followMilliseconds * (data?.pages.length ?? 1);
}

/** The messages of a webhook, newest first. What still waits is followed for a while. */
export function useDeliveries(webhook: number, status: DeliveryStatus | 'all') {
  const client = useQueryClient();
  const [until, setUntil] = useState(() => Date.now() + longestFollow);
  const query = useInfiniteQuery({
    queryKey: ['webhook_deliveries', webhook, status],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams({ $top: String(pageSize) });
      if (status !== 'all') parameters.set('status', status);
      if (pageParam) parameters.set('after', pageParam);
      return get<DeliveryPage>(`/${collection}/${webhook}/deliveries?${parameters}`, { signal });
    },
    getNextPageParam: (page) => (page.next === null ? undefined : String(page.next)),
    refetchInterval: ({ state }) => followInterval(state.data, Date.now(), until),
    // What was read when the drawer was open before says nothing about now.
    gcTime: 0,
  });
  const follow = useCallback(() => {
    setUntil(Date.now() + longestFollow);
    return client.invalidateQueries({ queryKey: ['webhook_deliveries', webhook] });
  }, [client, webhook]);
  const send = useMutation({
    mutationFn: ({ event_id }: Delivery) =>
      post(`/${collection}/${webhook}/deliveries/${event_id}/send`),
    onError: (error) => showToast({ kind: 'error', text: error.message }),
    onSettled: follow,
  });
  return { query, send, follow };
}

interface Result {
  secret?: string;
  event_id?: string;
}

/** What is done with a webhook; some of it answers with more than that it was done. */
export async function ask(
  webhook: number,
  action: 'show_secret' | 'renew_secret' | 'send_test' | 'resume',
): Promise<Result> {
  const answer: RecordData | null = await runAction(collection, webhook, action);
  return (answer?.result ?? {}) as Result;
}

/** The secret is asked for when it is shown, and forgotten with the dialog. */
export function useSecret(webhook: number) {
  const client = useQueryClient();
  const key = ['webhook_secret', webhook];
  const query = useQuery({
    queryKey: key,
    queryFn: async () => (await ask(webhook, 'show_secret')).secret ?? '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const renew = useMutation({
    mutationFn: () => ask(webhook, 'renew_secret'),
    onSuccess: ({ secret }) => client.setQueryData(key, secret ?? ''),
  });
  return { query, renew };
}
