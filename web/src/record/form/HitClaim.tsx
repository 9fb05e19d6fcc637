import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runAction } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { showToast } from '@/ui/toast';
import { refreshLists, refreshRecord } from '../cache';
import { useRecordWorld } from '../context';
import { askedWhy } from '../why';

/** Takes a record out of its pool from where a duplicate of it was about to be made. */
export function HitClaim({ object, id }: { object: ObjectMeta; id: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { openRecord } = useRecordWorld();
  const [state, setState] = useState<'free' | 'busy' | 'mine'>('free');
  const [message, setMessage] = useState<string | null>(null);
  const claim = async (input: Record<string, unknown> = {}) => {
    setState('busy');
    setMessage(null);
    try {
      await runAction(object.collection, id, 'claim', input);
      setState('mine');
      refreshRecord(client, object.collection, id);
      refreshLists(client, object.collection);
      showToast({
        kind: 'success',
        text: t('duplicate.claimed'),
        action: {
          label: t('record.view'),
          run: () => openRecord(object.name, id, { newTab: true }),
        },
      });
    } catch (error) {
      setState('free');
      if (askedWhy(error, (reasons) => claim({ ...input, ...reasons }))) return;
      setMessage((error as Error).message);
    }
  };
  return (
    <>
      {message && (
        <span className="hit-refused" role="alert">
          {message}
        </span>
      )}
      <button
        type="button"
        className="link-button"
        disabled={state !== 'free'}
        onClick={() => claim()}
      >
        {t(state === 'mine' ? 'duplicate.claimed' : 'duplicate.claim')}
      </button>
    </>
  );
}
