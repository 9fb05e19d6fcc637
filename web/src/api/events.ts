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

  const lead = () => {
    source = new EventSource('/api/v1/events');
    let failed = false;
    source.onerror = () => {
      failed = true;
    };
    source.onopen = () => {
      if (failed) publish({ name: 'resumed', data: null });
      failed = false;
    };
    for (const name of names) {
      source.addEventListener(name, (event) => {
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
    source?.close();
    channel?.close();
  };
}
