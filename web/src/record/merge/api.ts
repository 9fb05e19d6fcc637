import { newIdempotencyKey, post } from '@/api/client';

export interface MergePreview {
  master_id: number;
  records: {
    id: number;
    version: number;
    title: string;
    owner: string;
    created_at: string;
    updated_at: string;
  }[];
  fields: {
    name: string;
    label: string;
    multiple: boolean;
    differs: boolean;
    choosable: boolean;
    values: string[];
    chosen: number[];
  }[];
  children: { object: string; label: string; count: number; equal: number }[];
  refusals: { code: string; message: string }[];
}

export interface MergeResult {
  merge_id: number;
  master_id: number;
  version: number;
  undoable_until: string;
  children: { object: string; label: string; count: number }[];
}

export function previewMerge(
  collection: string,
  ids: readonly number[],
  master: number,
  signal?: AbortSignal,
): Promise<MergePreview> {
  return post<MergePreview>(
    `/${collection}/merge_preview`,
    { master_id: master, records: ids.map((id) => ({ id })) },
    { signal },
  );
}

export function mergeRecords(
  collection: string,
  master: number,
  records: readonly { id: number; version: number }[],
  values: Record<string, number>,
): Promise<MergeResult> {
  return post<MergeResult>(
    `/${collection}/merge`,
    {
      master_id: master,
      records: records.map(({ id, version }) => ({ id, version })),
      values,
    },
    { idempotencyKey: newIdempotencyKey() },
  );
}

export function undoMerge(id: number): Promise<{ object: string; master_id: number }> {
  return post(`/merges/${id}/undo`, {}, { idempotencyKey: newIdempotencyKey() });
}
