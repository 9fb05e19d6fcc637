import { newIdempotencyKey } from '@/api/client';
import { createRecord, deleteRecord, runAction, updateRecord } from '@/api/records';
import type { RecordData } from '@/api/types';
import { changesOf } from './data';

/** A stage as it stands in the editor; new ones have an id below zero until they are saved. */
export interface StageDraft {
  id: number;
  etag?: string;
  name: string;
  kind: string;
  probability: number;
  color: string | null;
  rotting_days: number;
  required_fields: string[];
  key_activities: string[];
  is_optional: boolean;
}

export function draftOf(record: RecordData): StageDraft {
  return {
    id: record.id,
    etag: record['@odata.etag'],
    name: String(record.name ?? ''),
    kind: String(record.kind ?? 'open'),
    probability: Number(record.probability ?? 0),
    color: (record.color as string | null) ?? null,
    rotting_days: Number(record.rotting_days ?? 0),
    required_fields: (record.required_fields as string[] | undefined) ?? [],
    key_activities: (record.key_activities as string[] | undefined) ?? [],
    is_optional: record.is_optional === true,
  };
}

/** Open stages first, in their order; the ends behind them. */
export function ordered(stages: readonly StageDraft[]): StageDraft[] {
  return [
    ...stages.filter((stage) => stage.kind === 'open'),
    ...stages.filter((stage) => stage.kind !== 'open'),
  ];
}

/**
 * Moves an open stage. The chances stay in their order: they belong to the places on the way to a
 * deal, so that they rise whatever the order of the names is.
 */
export function moveStage(stages: readonly StageDraft[], from: number, to: number): StageDraft[] {
  const chances = stages.map((stage) => stage.probability);
  const next = stages.slice();
  next.splice(to, 0, ...next.splice(from, 1));
  return next.map((stage, at) =>
    stage.kind === 'open' ? { ...stage, probability: chances[at] } : stage,
  );
}

export type StageFault = 'no_name' | 'not_rising' | 'no_open' | 'no_won' | 'no_lost';

/** What keeps the stages from being saved; the server has the same rules. */
export function faultsOf(stages: readonly StageDraft[]): { fault: StageFault; id?: number }[] {
  const found: { fault: StageFault; id?: number }[] = [];
  const open = stages.filter((stage) => stage.kind === 'open');
  for (const stage of stages) {
    if (stage.name.trim() === '') found.push({ fault: 'no_name', id: stage.id });
  }
  open.forEach((stage, at) => {
    if (at > 0 && stage.probability <= open[at - 1].probability) {
      found.push({ fault: 'not_rising', id: stage.id });
    }
  });
  if (open.length === 0) found.push({ fault: 'no_open' });
  if (!stages.some((stage) => stage.kind === 'won')) found.push({ fault: 'no_won' });
  if (!stages.some((stage) => stage.kind === 'lost')) found.push({ fault: 'no_lost' });
  return found;
}

/** What is the stage's own: order and chances belong to the whole of them. */
function valuesOf({
  name,
  kind,
  color,
  rotting_days,
  required_fields,
  key_activities,
  is_optional,
}: StageDraft) {
  return {
    name: name.trim(),
    kind,
    color,
    rotting_days,
    required_fields,
    key_activities,
    is_optional,
  };
}

const arrangement = (stages: readonly StageDraft[]) =>
  stages.map(({ id, kind, probability }) => `${id} ${kind === 'open' ? probability : ''}`).join();

/** What a save has to do. */
export function planOf(before: readonly StageDraft[], after: readonly StageDraft[]) {
  const known = new Map(before.map((stage) => [stage.id, stage]));
  const kept = before.filter((stage) => after.some(({ id }) => id === stage.id));
  return {
    kept,
    removed: before.filter((stage) => !kept.includes(stage)),
    changed: after.flatMap((stage) => {
      const old = known.get(stage.id);
      const change = old ? changesOf(valuesOf(old), valuesOf(stage)) : {};
      return Object.keys(change).length > 0 ? [{ stage, change }] : [];
    }),
    added: after.filter((stage) => !known.has(stage.id)),
    arranged: arrangement(kept) !== arrangement(after),
  };
}

const chancesOf = (stages: readonly StageDraft[]) =>
  stages.filter(({ kind }) => kind === 'open').map(({ probability }) => probability);

function arrange(pipeline: number, ids: number[], probabilities: number[]) {
  return runAction('pipelines', pipeline, 'arrange_stages', { stage_ids: ids, probabilities });
}

/** A stage that was chosen as a replacement may itself be removed later: where it all ends. */
export function settled(replacements: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const last = (id: number, steps = 0): number => {
    const next = replacements.get(id);
    return next === undefined || steps > replacements.size ? id : last(next, steps + 1);
  };
  return new Map([...replacements].map(([stage, by]) => [stage, last(by)]));
}

/** `replacements`: where the opportunities of removed stages go on. */
export async function saveStages(
  pipeline: number,
  before: readonly StageDraft[],
  after: readonly StageDraft[],
  replacements: ReadonlyMap<number, number> = new Map(),
): Promise<void> {
  const { kept, removed, changed, added, arranged } = planOf(before, after);
  for (const stage of removed) {
    const replacement = replacements.get(stage.id);
    if (replacement === undefined) await deleteRecord('stages', stage.id, stage.etag);
    else await runAction('stages', stage.id, 'replace', { replacement_id: replacement });
  }
  for (const { stage, change } of changed) {
    await updateRecord('stages', stage.id, change, stage.etag);
  }
  const ids = new Map(after.map(({ id }) => [id, id]));
  if (added.length > 0) {
    // New ones come in at the end, where their chances rise whatever the order becomes.
    const chances = chancesOf(kept);
    const top = chances.at(-1) ?? 0;
    const room = top + added.length <= 100;
    const low = chances.map((_, at) => at + 1);
    await arrange(
      pipeline,
      kept.map(({ id }) => id),
      room ? chances : low,
    );
    for (const [at, stage] of added.entries()) {
      const chance = (room ? top : low.length) + at + 1;
      const record = await createRecord(
        'stages',
        {
          ...valuesOf(stage),
          pipeline_id: pipeline,
          position: kept.length + at + 1,
          probability: stage.kind === 'open' ? chance : stage.probability,
        },
        newIdempotencyKey(),
      );
      ids.set(stage.id, record.id);
    }
  }
  if (arranged) {
    await arrange(
      pipeline,
      after.map(({ id }) => ids.get(id) ?? id),
      chancesOf(after),
    );
  }
}
