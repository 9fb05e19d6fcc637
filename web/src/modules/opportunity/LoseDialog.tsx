import type { ActionDialogProps } from '@/record/context';
import { ActionDialog } from '@/record/form/ActionDialog';
import { useStages } from './stages';

/** Losing a deal; the stage is asked for only where the pipeline has several lost ones. */
export default function LoseDialog(props: ActionDialogProps) {
  const { action, records } = props;
  const { data: stages = [] } = useStages(
    records.length === 1 ? records[0].pipeline_id : undefined,
  );
  const lost = stages.filter((stage) => stage.kind === 'lost');
  const options = lost.map(({ id, name }) => ({ value: String(id), label: name }));
  const input = action.input?.flatMap((field) => {
    if (field.name !== 'stage_id') return [field];
    return lost.length > 1 ? [{ ...field, type: 'select' as const, options }] : [];
  });
  return <ActionDialog {...props} action={{ ...action, input }} />;
}
