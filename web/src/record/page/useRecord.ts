import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isProblem } from '@/api/problem';
import { fetchRecord } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '../context';
import { noteArrival } from '../merge/arrivals';
import { isGone } from './RecordMissing';

export function useRecord(object: ObjectMeta, id: number) {
  const { model, openRecord } = useRecordWorld();
  const query = useQuery({
    queryKey: ['record', object.collection, id],
    queryFn: () => fetchRecord(model, object, id),
    retry: (count, error) => !isProblem(error) && count < 2,
  });
  // The server answers the address of a merged record with the one that it is part of.
  const found = query.data?.id;
  useEffect(() => {
    if (found === undefined || found === id) return;
    noteArrival(object.collection, found, id);
    openRecord(object.name, found, { replace: true });
  }, [found, id, object, openRecord]);
  const { error, isPending, refetch } = query;
  // A record that could not be fetched again stays as it was, unless the answer was that it is gone.
  const kept = isGone(error) ? undefined : query.data;
  return {
    isPending,
    refetch,
    data: kept,
    /** Why there is nothing to show. */
    failure: kept ? null : error,
    /** What is shown could not be brought up to date. */
    isStale: kept !== undefined && error !== null,
  };
}
