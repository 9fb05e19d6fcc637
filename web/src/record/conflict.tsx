import { lazy } from 'react';
import type { Model } from '@/api/meta';
import type { Problem } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { makeQuestion } from './question';
import type { Save } from './useSave';

const ConflictDialog = lazy(() => import('./ConflictDialog'));

/** Somebody else saved the record in between: both values are shown and one is chosen. */
export interface ConflictQuestion {
  object: ObjectMeta;
  model: Model;
  record: RecordData;
  change: Record<string, unknown>;
  displays: Record<string, string | undefined>;
  problem: Problem;
  save: Save;
}

const { ask: askConflict, Host: ConflictHost } = makeQuestion<ConflictQuestion>(ConflictDialog);

export { askConflict, ConflictHost };
