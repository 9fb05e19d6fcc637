import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Page, RecordData, Stage } from '@/api/types';

/** The stages of a pipeline in their order. */
export function useStages(pipelineId: unknown) {
  return useQuery({
    queryKey: ['stages', pipelineId],
    enabled: typeof pipelineId === 'number',
    staleTime: 300_000,
    queryFn: async () => {
      const parameters = new URLSearchParams({
        $filter: `pipeline_id eq ${pipelineId}`,
        $orderby: 'position',
        $top: '100',
      });
      const page = await get<Page>(`/stages?${parameters}`);
      return page.value.map(
        (row: RecordData): Stage => ({
          id: row.id,
          name: String(row.name),
          kind: row.kind as Stage['kind'],
          probability: row.probability as number | null,
          color: row.color as string | null,
        }),
      );
    },
  });
}
