import { Check, Trophy, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { KeyActivities } from './KeyActivities';
import { useStages } from './stages';
import { useMoveStage } from './useMoveStage';

/** The way from the first talk to the end; a click moves the opportunity. */
export default function StageBar({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const { t } = useTranslation();
  const { data: stages } = useStages(record.pipeline_id);
  const { move, dialog } = useMoveStage(object);
  if (!stages) return <div className="stage-bar" />;
  const at = stages.findIndex((stage) => stage.id === record.stage_id);
  const current = stages[at];
  const closed = current !== undefined && current.kind !== 'open';
  const canMove = object.rights.includes('edit') && !closed;
  const shown = stages.filter(
    (stage) => stage.kind === 'open' || stage.kind === 'won' || stage.id === current?.id,
  );
  return (
    <div className="stage-bar">
      <ol aria-label={t('board.stages')}>
        {shown.map((stage) => {
          const index = stages.indexOf(stage);
          const state =
            stage.id === current?.id
              ? 'now'
              : index < at && current?.kind !== 'lost'
                ? 'done'
                : 'todo';
          return (
            <li key={stage.id}>
              <button
                type="button"
                data-state={state}
                data-kind={stage.kind}
                disabled={!canMove || state === 'now'}
                aria-current={state === 'now' ? 'step' : undefined}
                onClick={() => move(record, stage)}
              >
                {stage.kind === 'won' ? (
                  <Trophy size={13} aria-hidden="true" />
                ) : stage.kind !== 'open' ? (
                  <X size={13} aria-hidden="true" />
                ) : state === 'done' ? (
                  <Check size={13} aria-hidden="true" />
                ) : null}
                <span className="ellipsis">{stage.name}</span>
              </button>
            </li>
          );
        })}
      </ol>
      <KeyActivities
        object={object}
        record={record}
        stageIds={stages
          .slice(0, at + 1)
          .filter((stage) => stage.kind === 'open')
          .map((stage) => stage.id)}
      />
      {dialog}
    </div>
  );
}
