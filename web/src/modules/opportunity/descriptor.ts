import { lazy } from 'react';
import type { ModuleDescriptor } from '@/record/context';
import { joinDialog } from '@/record/foreign/dialogs';
import { StageCell } from './StageCell';
import { usePipelinesFor } from './usePipelinesFor';

export const opportunity: ModuleDescriptor = {
  object: 'opportunity',
  navigation: { group: 'sales', order: 4, shortcut: 'o' },
  keywords: 'sj shangji kb kanban opportunity deal board',
  createFields: ['name', 'account_id', 'amount', 'expected_close_date', 'level', 'description'],
  duplicateFields: ['account_id'],
  headerFields: ['amount', 'account_id', 'expected_close_date', 'owner_id'],
  cardFields: ['amount', 'stage_id', 'owner_id', 'expected_close_date'],
  primaryActions: ['win', 'reopen'],
  placedActions: ['move_stage', 'tick_activity', 'untick_activity'],
  cells: { stage_id: StageCell },
  columnWidths: { stage_id: 108, amount: 112, probability: 96 },
  sortsBy: { stage_id: 'stage/position' },
  followUps: true,
  actionDialogs: { ...joinDialog, lose: lazy(() => import('./LoseDialog')) },
  board: lazy(() => import('./OpportunityBoard')),
  Banner: lazy(() => import('./StageBar')),
};

export const opportunityContact: ModuleDescriptor = {
  object: 'opportunity_contact',
  createFields: ['opportunity_id', 'contact_id', 'role', 'note'],
  headerFields: ['opportunity_id', 'role'],
  cardFields: ['role', 'opportunity_id', 'note'],
};

export const pipeline: ModuleDescriptor = {
  object: 'pipeline',
  choices: { useFilter: usePipelinesFor },
};
