import type { ActionDialogProps } from '../context';
import ArbitrateDialog from './ArbitrateDialog';
import { foreignRecord } from './foreign';
import JoinDialog from './JoinDialog';

// The same dialogs as actions of a record that may be seen.

export function JoinAction({ object, records, onClose, onDone }: ActionDialogProps) {
  return (
    <JoinDialog
      foreign={foreignRecord(object, records[0])}
      onClose={onClose}
      onAsked={() => onDone(null)}
    />
  );
}

export function ArbitrateAction({ object, records, onClose, onDone }: ActionDialogProps) {
  return (
    <ArbitrateDialog
      foreign={foreignRecord(object, records[0])}
      onClose={onClose}
      onAsked={() => onDone(null)}
    />
  );
}
