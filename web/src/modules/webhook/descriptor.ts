import type { ModuleDescriptor } from '@/record/context';

/** A webhook has no page of its own: what tells of one leads to the settings. */
export const webhook: ModuleDescriptor = {
  object: 'webhook',
  page: {
    path: '/settings/webhooks',
    right: 'read',
    label: 'settings.section.webhooks',
    icon: 'webhook',
  },
};
