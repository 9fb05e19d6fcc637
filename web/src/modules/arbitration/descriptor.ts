import { lazy } from 'react';
import type { ModuleDescriptor } from '@/record/context';
import { isForViewer } from './decision';

export const arbitration: ModuleDescriptor = {
  object: 'arbitration',
  navigation: { group: 'sales', order: 5 },
  keywords: 'zdzc zhuangdan zhongcai cp caijue gs guishu dispute arbitration',
  // Its own title is the masked one that a claimant may read who cannot see the record.
  titleFields: ['account_id', 'lead_id'],
  headerFields: ['code', 'status', 'due_on'],
  hidesBlank: true,
  cardFields: ['status', 'claimant_id', 'due_on'],
  primaryActions: ['decide', 'withdraw'],
  withholds: (action, dispute, viewer) => action === 'decide' && !isForViewer(dispute, viewer),
  emptyTexts: { title: 'arbitration.none_title', text: 'arbitration.none_text' },
  actionDialogs: { decide: lazy(() => import('./DecideDialog')) },
  Banner: lazy(() => import('./Verdict')),
};
