import { useQuery } from '@tanstack/react-query';
import { isProblem } from '@/api/problem';
import { fetchRecord } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { useRecordWorld } from '../context';

export function useRecord(object: ObjectMeta, id: number) {
  const { model } = useRecordWorld();
  return useQuery({
    queryKey: ['record', object.collection, id],
    queryFn: () => fetchRecord(model, object, id),
    retry: (count, error) => !isProblem(error) && count < 2,
  });
}
