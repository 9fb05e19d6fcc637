import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isProblem } from '@/api/problem';
import type { FieldError } from '@/api/types';
import { refreshLists, refreshRecord } from '../cache';
import { askAbout, type Foreign, type ForeignVerb } from './foreign';

/** Sends a request about somebody else's record and keeps what the server says against it. */
export function useAsk(foreign: Foreign, verb: ForeignVerb) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const send = async (input: Record<string, unknown>): Promise<boolean> => {
    setBusy(true);
    setMessage(null);
    setErrors([]);
    try {
      await askAbout(foreign, verb, input);
      if (verb === 'arbitrate') refreshLists(client, 'arbitrations');
      if ('id' in foreign.at) refreshRecord(client, foreign.at.collection, foreign.at.id);
      return true;
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage((error as Error).message);
      // Looking again gives a ticket that is good again.
      if (isProblem(error, 'join.ticket_over')) {
        void client.invalidateQueries({ queryKey: ['duplicates'] });
      }
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, message, errors, send };
}
