import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { runAction } from '@/api/records';
import type { ActionMeta, ObjectMeta, RecordData, Stage } from '@/api/types';
import { patchCaches, refreshLists, refreshRecord } from '@/record/cache';
import { ActionDialog } from '@/record/form/ActionDialog';
import { showToast } from '@/ui/toast';

/**
 * Moves an opportunity to a stage. The final stages go through the actions win, lose and invalidate,
 * which ask for what the rules demand; the open ones are moved at once and can be taken back. Going
 * back asks for a reason.
 */
export function useMoveStage(object: ObjectMeta): {
  move: (record: RecordData, stage: Stage) => void;
  dialog: ReactNode;
} {
  const client = useQueryClient();
  const { t } = useTranslation();
  const [asking, setAsking] = useState<{
    record: RecordData;
    action: ActionMeta;
    given?: Record<string, unknown>;
  } | null>(null);
  const finals: Record<string, string> = { won: 'win', lost: 'lose', invalid: 'invalidate' };

  const finish = (record: RecordData) => {
    refreshRecord(client, object.collection, record.id);
    refreshLists(client, object.collection);
  };
  /** `undoes`: it takes back the move before, which is reason enough for going back. */
  const send = async (record: RecordData, stage: Stage, undoes: boolean) => {
    const before = record.stage_id;
    patchCaches(client, object.collection, record.id, {
      stage_id: stage.id,
      stage: { id: stage.id, name: stage.name },
    });
    try {
      const moved = await runAction(object.collection, record.id, 'move_stage', {
        stage_id: stage.id,
        ...(undoes ? { reason: t('board.undo_reason') } : {}),
      });
      patchCaches(client, object.collection, record.id, moved);
      showToast({
        kind: 'success',
        text: t('board.moved', { stage: stage.name }),
        action:
          !undoes && typeof before === 'number'
            ? {
                label: t('common.undo'),
                run: () =>
                  void send({ ...record, ...moved }, { ...stage, id: before, name: '' }, true),
              }
            : undefined,
      });
    } catch (error) {
      patchCaches(client, object.collection, record.id, { stage_id: before, stage: record.stage });
      const action = object.actions.find(({ name }) => name === 'move_stage');
      if (action && isProblem(error) && error.fieldMessage('reason') !== null) {
        const input = action.input?.map((field) =>
          field.name === 'reason' ? { ...field, required: true } : field,
        );
        setAsking({ record, action: { ...action, input }, given: { stage_id: stage.id } });
      } else showToast({ kind: 'error', text: (error as Error).message });
    } finally {
      finish(record);
    }
  };
  const move = (record: RecordData, stage: Stage) => {
    if (record.stage_id === stage.id) return;
    const action = object.actions.find((candidate) => candidate.name === finals[stage.kind]);
    // A pipeline may have several lost stages.
    const given = stage.kind === 'lost' ? { stage_id: stage.id } : undefined;
    if (action) setAsking({ record, action, given });
    else void send(record, stage, false);
  };
  const dialog = asking ? (
    <Suspense fallback={null}>
      <ActionDialog
        object={object}
        action={asking.action}
        records={[asking.record]}
        given={asking.given}
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
