import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { openEvents } from '@/api/events';
import type { Model } from '@/api/meta';
import { knownEtag, refreshLists, refreshRecord, versionOf } from '@/record/cache';

/** Keeps what is on screen fresh while others work. Own changes come back too and are skipped. */
export function useLiveEvents(model: Model): void {
  const client = useQueryClient();
  useEffect(() => {
    const waiting = new Set<string>();
    let timer = 0;
    const later = (collection: string) => {
      waiting.add(collection);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        for (const each of waiting) refreshLists(client, each);
        waiting.clear();
      }, 1200);
    };
    const close = openEvents({
      record: (event) => {
        const object = model.object(event.object);
        if (!object) return;
        const known = versionOf(knownEtag(client, object.collection, event.id));
        if (event.kind === 'updated' && known >= event.version) return;
        refreshRecord(client, object.collection, event.id);
        later(object.collection);
      },
      notification: () => void client.invalidateQueries({ queryKey: ['notifications'] }),
      import: (event) => void client.invalidateQueries({ queryKey: ['import', event.id] }),
      access: () => void client.invalidateQueries(),
      resumed: () => void client.invalidateQueries(),
    });
    return () => {
      window.clearTimeout(timer);
      close();
    };
  }, [client, model]);
}
