import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { get, post } from '@/api/client';

export interface Figure {
  records: number;
  completeness: number | null;
  incomplete: number | null;
  shells: number | null;
  stale: number | null;
  findings: number;
  duplicates: number;
  forced: number;
}
export const metrics = [
  'completeness',
  'incomplete',
  'shells',
  'stale',
  'findings',
  'duplicates',
] as const;
export type Metric = (typeof metrics)[number];

export interface RuleCount {
  object: string;
  object_label: string;
  field: string;
  field_label: string;
  rule: string;
  text: string;
  count: number;
}
export interface DataQuality {
  as_of: string | null;
  run: { object: string | null; stage: number; stages: number; checked: number } | null;
  may_run: boolean;
  may_export: boolean;
  incomplete_below: number;
  stale_days: number;
  month: string | null;
  rules: RuleCount[];
  more_findings: boolean;
  figures: Figure;
  months: (Figure & { month: string; taken_at: string })[];
  departments: (Figure & { id: number | null; name: string })[];
  owners: (Figure & { id: number | null; name: string; department: string })[];
  stewards: { name: string; department: string | null }[];
}

export interface Finding {
  id: number;
  object: string;
  object_label: string;
  record_id: number;
  title: string;
  field: string;
  field_label: string;
  rule: string;
  text: string;
  owner: string | null;
  found_at: string;
}

export interface FindingFilter {
  object: string;
  field: string;
  rule: string;
}

const whileRunning = 1500;

export function useDataQuality() {
  const [month, setMonth] = useState('');
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['data_quality', month],
    queryFn: ({ signal }) =>
      get<DataQuality>(`/data_quality${month ? `?month=${month}` : ''}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (current) => (current.state.data?.run ? whileRunning : 300_000),
    retry: 1,
  });
  // What a run found belongs to its end.
  const running = Boolean(query.data?.run);
  const wasRunning = useRef(false);
  useEffect(() => {
    if (wasRunning.current && !running) {
      void client.invalidateQueries({ queryKey: ['quality_findings'] });
    }
    wasRunning.current = running;
  }, [running, client]);
  const run = async () => {
    await post('/data_quality/run');
    await client.invalidateQueries({ queryKey: ['data_quality'] });
  };
  return { query, month, setMonth, run };
}

export function useFindings(filter: FindingFilter | null) {
  return useInfiniteQuery({
    queryKey: ['quality_findings', filter],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams({ $top: '20', ...filter });
      if (pageParam) parameters.set('after', pageParam);
      return get<{ value: Finding[]; next: number | null }>(
        `/data_quality/findings?${parameters}`,
        { signal },
      );
    },
    getNextPageParam: (page) => (page.next === null ? undefined : String(page.next)),
  });
}
