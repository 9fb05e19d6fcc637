import { lazy } from 'react';
import type { ModuleDescriptor } from '@/record/context';
import { disputeDialogs } from '@/record/foreign/dialogs';

export const lead: ModuleDescriptor = {
  object: 'lead',
  navigation: { group: 'sales', order: 1, shortcut: 'l' },
  keywords: 'xs xiansuo qzkh lead',
  createFields: ['company', 'name', 'mobile', 'title', 'source', 'industry', 'description'],
  duplicateFields: ['company', 'mobile', 'phone', 'email', 'region_id'],
  headerFields: ['status', 'name', 'mobile', 'owner_id'],
  cardFields: ['status', 'name', 'owner_id', 'last_activity_at'],
  primaryActions: ['claim', 'convert'],
  followUps: true,
  actionDialogs: { ...disputeDialogs, convert: lazy(() => import('./ConvertDialog')) },
};
