import { lazy } from 'react';
import type { ModuleDescriptor } from '@/record/context';

export const contact: ModuleDescriptor = {
  object: 'contact',
  navigation: { group: 'sales', order: 3, shortcut: 'p' },
  keywords: 'lxr lianxiren contact people',
  createFields: ['name', 'account_id', 'title', 'mobile', 'email', 'decision_role'],
  duplicateFields: ['mobile', 'phone', 'other_phones', 'email', 'account_id'],
  headerFields: ['title', 'account_id', 'mobile', 'owner_id'],
  cardFields: ['account_id', 'title', 'mobile'],
  columnWidths: { name: 130, account_id: 220, email: 200 },
  followUps: true,
  Banner: lazy(() => import('./ContactNotice')),
};
