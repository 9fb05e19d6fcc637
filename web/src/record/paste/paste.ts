import { lazy } from 'react';
import { makeQuestion } from '../question';
import type { PasteRun } from './PasteRun';

const PasteDialog = lazy(() => import('./PasteDialog'));

/** A paste, for whoever watches it and reads what was not written. */
export interface PasteQuestion {
  run: PasteRun;
  /** What the rows are called. */
  label: string;
  undo: () => void;
}

const { ask: showPaste, Host: PasteHost } = makeQuestion<PasteQuestion>(PasteDialog);

export { PasteHost, showPaste };
