import { newIdempotencyKey } from '@/api/client';
import { createRecord, deleteRecord, updateRecord } from '@/api/records';
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

/** One request of a save: a change of a stage or a new one. */
export interface StageStep {
  id: number;
  change: Record<string, unknown>;
}

function fieldsOf(stage: StageDraft, position: number): Record<string, unknown> {
  const { id, etag, ...fields } = stage;
  return { ...fields, name: stage.name.trim(), position };
}

const spread = 1000;
/** A position that stands to all others as the chances stand to each other. */
const placeOf = (chance: number) => (chance + 1) * spread;

/**
 * The steps of a save. The server judges every step by itself: the chances of the open stages must
 * rise along their positions. So the stages are first spread by their chances, then each takes its
 * new chance together with the position that belongs to it (by way of an unused chance where two
 * change places), and at the end all get their plain positions. Order and names need none of that.
 */
export function stepsOf(before: readonly StageDraft[], after: readonly StageDraft[]): StageStep[] {
  const known = new Map(before.map((stage) => [stage.id, stage]));
  const old = new Map(before.map((stage, at) => [stage.id, fieldsOf(stage, at + 1)]));
  const changes = after.map((stage, at) => {
    const fields = fieldsOf(stage, at + 1);
    return { id: stage.id, change: changesOf(old.get(stage.id) ?? {}, fields) };
  });
  const open = after.filter((stage) => stage.kind === 'open');
  const chancesMove = open.some((stage) => known.get(stage.id)?.probability !== stage.probability);
  if (!chancesMove) return changes.filter(({ change }) => Object.keys(change).length > 0);

  const steps: StageStep[] = [];
  const chances = new Map<number, number>();
  for (const stage of open) {
    const now = known.get(stage.id)?.probability;
    if (now === undefined) continue;
    chances.set(stage.id, now);
    steps.push({ id: stage.id, change: { position: placeOf(now) } });
  }
  const waiting = open.filter((stage) => chances.get(stage.id) !== stage.probability);
  while (waiting.length > 0) {
    const taken = new Set(chances.values());
    const free = waiting.findIndex((stage) => !taken.has(stage.probability));
    const [stage] = free >= 0 ? waiting.splice(free, 1) : waiting;
    let chance = stage.probability;
    if (free < 0) {
      chance = 100;
      while (taken.has(chance)) chance--;
    }
    const place = { probability: chance, position: placeOf(chance) };
    const isNew = !known.has(stage.id) && !chances.has(stage.id);
    steps.push({ id: stage.id, change: isNew ? { ...fieldsOf(stage, 0), ...place } : place });
    chances.set(stage.id, chance);
  }
  after.forEach((stage, at) => {
    const own = changes[at].change;
    if (stage.kind !== 'open') {
      if (Object.keys(own).length > 0) steps.push({ id: stage.id, change: own });
      return;
    }
    const { probability, ...rest } = known.has(stage.id) ? own : {};
    steps.push({ id: stage.id, change: { ...rest, position: at + 1 } });
  });
  return steps;
}

export async function saveStages(
  pipeline: number,
  before: readonly StageDraft[],
  after: readonly StageDraft[],
): Promise<void> {
  const saved = new Map(before.map((stage) => [stage.id, { id: stage.id, etag: stage.etag }]));
  for (const stage of before) {
    if (!after.some((each) => each.id === stage.id)) {
      await deleteRecord('stages', stage.id, stage.etag);
    }
  }
  for (const { id, change } of stepsOf(before, after)) {
    const present = saved.get(id);
    const record = present
      ? await updateRecord('stages', present.id, change, present.etag)
      : await createRecord('stages', { ...change, pipeline_id: pipeline }, newIdempotencyKey());
    saved.set(id, { id: record.id, etag: record['@odata.etag'] });
  }
}
