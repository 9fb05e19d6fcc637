import { lazy } from 'react';
import type { ModuleDescriptor } from '@/record/context';

export const arbitration: ModuleDescriptor = {
  object: 'arbitration',
  navigation: { group: 'sales', order: 5 },
  keywords: 'zdzc zhuangdan zhongcai cp caijue gs guishu dispute arbitration',
  headerFields: ['status', 'claimant_id', 'due_on'],
  cardFields: ['status', 'name', 'claimant_id', 'due_on'],
  primaryActions: ['decide', 'withdraw'],
  emptyTexts: { title: 'arbitration.none_title', text: 'arbitration.none_text' },
  actionDialogs: { decide: lazy(() => import('./DecideDialog')) },
  Banner: lazy(() => import('./Verdict')),
};
