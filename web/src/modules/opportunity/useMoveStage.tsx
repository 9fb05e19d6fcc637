import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runAction } from '@/api/records';
import type { ActionMeta, ObjectMeta, RecordData, Stage } from '@/api/types';
import { patchCaches, refreshLists, refreshRecord } from '@/record/cache';
import { ActionDialog } from '@/record/form/ActionDialog';
import { showToast } from '@/ui/toast';

/**
 * Moves an opportunity to a stage. The final stages go through the actions win, lose and invalidate,
 * which ask for what the rules demand; the open ones are moved at once and can be taken back.
 */
export function useMoveStage(object: ObjectMeta): {
  move: (record: RecordData, stage: Stage) => void;
  dialog: ReactNode;
} {
  const client = useQueryClient();
  const { t } = useTranslation();
  const [asking, setAsking] = useState<{ record: RecordData; action: ActionMeta } | null>(null);
  const finals: Record<string, string> = { won: 'win', lost: 'lose', invalid: 'invalidate' };

  const finish = (record: RecordData) => {
    refreshRecord(client, object.collection, record.id);
    refreshLists(client, object.collection);
  };
  const send = async (record: RecordData, stage: Stage, undoable: boolean) => {
    const before = record.stage_id;
    patchCaches(client, object.collection, record.id, {
      stage_id: stage.id,
      stage: { id: stage.id, name: stage.name },
    });
    try {
      const moved = await runAction(object.collection, record.id, 'move_stage', {
        stage_id: stage.id,
      });
      patchCaches(client, object.collection, record.id, moved);
      showToast({
        kind: 'success',
        text: t('board.moved', { stage: stage.name }),
        action:
          undoable && typeof before === 'number'
            ? {
                label: t('common.undo'),
                run: () =>
                  void send({ ...record, ...moved }, { ...stage, id: before, name: '' }, false),
              }
            : undefined,
      });
    } catch (error) {
      patchCaches(client, object.collection, record.id, { stage_id: before, stage: record.stage });
      showToast({ kind: 'error', text: (error as Error).message });
    } finally {
      finish(record);
    }
  };
  const move = (record: RecordData, stage: Stage) => {
    if (record.stage_id === stage.id) return;
    const action = object.actions.find((candidate) => candidate.name === finals[stage.kind]);
    if (action) setAsking({ record, action });
    else void send(record, stage, true);
  };
  const dialog = asking ? (
    <Suspense fallback={null}>
      <ActionDialog
        object={object}
        action={asking.action}
        records={[asking.record]}
        onClose={() => setAsking(null)}
        onDone={() => {
          finish(asking.record);
          setAsking(null);
        }}
      />
    </Suspense>
  ) : null;
  return { move, dialog };
}
