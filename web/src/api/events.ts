import type { RecordEvent } from './types';

/**
 * Live events, one connection per browser: the tab that holds the Web Lock keeps the stream and
 * hands every event to the others over a BroadcastChannel. After a reconnect the caller refetches,
 * because events that were missed are not sent again.
 */
export interface EventHandlers {
  record?: (event: RecordEvent) => void;
  notification?: (event: Record<string, unknown>) => void;
  import?: (event: { id: number; status: string }) => void;
  access?: () => void;
  /** The stream came back after an interruption. */
  resumed?: () => void;
}

type Envelope = { name: keyof EventHandlers; data: unknown };

const shortestPause = 2_000;
const longestPause = 60_000;

const names = ['record', 'notification', 'import', 'access'] as const;

export function openEvents(handlers: EventHandlers): () => void {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('kehai.events') : null;
  const stop = new AbortController();
  let source: EventSource | null = null;

  const deliver = ({ name, data }: Envelope) => {
    const handler = handlers[name] as ((value: unknown) => void) | undefined;
    handler?.(data);
  };
  const publish = (envelope: Envelope) => {
    deliver(envelope);
    channel?.postMessage(envelope);
  };
  if (channel) channel.onmessage = (message) => deliver(message.data as Envelope);

  let failed = false;
  let pause = shortestPause;
  let again: number | undefined;
  const lead = () => {
    const current = new EventSource('/api/v1/events');
    source = current;
    current.onerror = () => {
      failed = true;
      // A refusal (session ended, too many streams) ends the stream for good; a lost connection does not.
      if (current.readyState !== EventSource.CLOSED || stop.signal.aborted) return;
      again = window.setTimeout(lead, pause);
      pause = Math.min(2 * pause, longestPause);
    };
    current.onopen = () => {
      if (failed) publish({ name: 'resumed', data: null });
      failed = false;
      pause = shortestPause;
    };
    for (const name of names) {
      current.addEventListener(name, (event) => {
        try {
          publish({ name, data: JSON.parse((event as MessageEvent<string>).data) });
        } catch {
          // A broken event is dropped; the next refetch repairs the view.
        }
      });
    }
  };

  if (navigator.locks) {
    navigator.locks
      .request('kehai.events', { signal: stop.signal }, () => {
        lead();
        return new Promise<void>((resolve) =>
          stop.signal.addEventListener('abort', () => resolve()),
        );
      })
      .catch(() => {});
  } else {
    lead();
  }

  return () => {
    stop.abort();
    window.clearTimeout(again);
    source?.close();
    channel?.close();
  };
}
