import type { ModuleDescriptor } from '@/record/context';

/** The stewards themselves are settings; what they look after is a page of its own. */
export const dataQuality: ModuleDescriptor = {
  object: 'data_steward',
  navigation: { group: 'work', order: 9 },
  page: { path: '/data_quality', right: 'review', label: 'quality.title', icon: 'shield-check' },
  keywords: 'sjzl shuju zhiliang kqkh kongke data quality audit',
};
