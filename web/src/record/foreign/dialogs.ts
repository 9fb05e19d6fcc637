import { lazy } from 'react';

/** The dialogs of the actions that every record with an owner and a team has. */
export const joinDialog = {
  ask_to_join: lazy(() => import('./actions').then((m) => ({ default: m.JoinAction }))),
};
export const disputeDialogs = {
  ...joinDialog,
  arbitrate: lazy(() => import('./actions').then((m) => ({ default: m.ArbitrateAction }))),
};
