import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Page } from '@/api/types';
import type { CellProps } from '@/record/fields/kind';
import { referenceText } from '@/record/fields/shared/references';
import { Pill } from '@/ui/basics';

/** The stage of an opportunity in the colour that it has on the board. */
export function StageCell({ field, value, record }: CellProps) {
  const { data } = useQuery({
    queryKey: ['stages', 'colours'],
    staleTime: 300_000,
    queryFn: async () => {
      const page = await get<Page>('/stages?$select=id,color&$top=500');
      return new Map(page.value.map((row) => [row.id, row.color as string | null]));
    },
  });
  if (typeof value !== 'number') return null;
  return (
    <Pill dot color={data?.get(value)}>
      {referenceText(field, record)}
    </Pill>
  );
}
