import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

export interface Section {
  key: string;
  group: 'organisation' | 'sales' | 'data';
  icon: string;
  /** The object whose right to configure opens it; null: administrators only. */
  object: string | null;
  Page: LazyExoticComponent<ComponentType>;
}

const catalog = () => import('./CatalogSettings');

/** Every part of the settings, in the order in which it is offered. */
export const sections: readonly Section[] = [
  {
    key: 'organisation',
    group: 'organisation',
    icon: 'building',
    object: null,
    Page: lazy(() => import('./OrganisationSettings')),
  },
  {
    key: 'users',
    group: 'organisation',
    icon: 'user',
    object: 'user',
    Page: lazy(() => import('./UserSettings')),
  },
  {
    key: 'departments',
    group: 'organisation',
    icon: 'network',
    object: 'department',
    Page: lazy(() => import('./DepartmentSettings')),
  },
  {
    key: 'roles',
    group: 'organisation',
    icon: 'shield',
    object: 'role',
    Page: lazy(() => import('./RoleSettings')),
  },
  {
    key: 'pipelines',
    group: 'sales',
    icon: 'git-branch',
    object: 'pipeline',
    Page: lazy(() => import('./PipelineSettings')),
  },
  {
    key: 'territories',
    group: 'sales',
    icon: 'map',
    object: 'territory',
    Page: lazy(() => import('./TerritorySettings')),
  },
  {
    key: 'pools',
    group: 'sales',
    icon: 'waves',
    object: 'pool',
    Page: lazy(() => import('./PoolSettings')),
  },
  {
    key: 'capacity',
    group: 'sales',
    icon: 'gauge',
    object: 'capacity_rule',
    Page: lazy(() => import('./CapacitySettings')),
  },
  {
    key: 'duplicates',
    group: 'sales',
    icon: 'copy-check',
    object: 'duplicate_rule',
    Page: lazy(() => import('./DuplicateSettings')),
  },
  {
    key: 'stewards',
    group: 'data',
    icon: 'shield-check',
    object: 'data_steward',
    Page: lazy(() => import('./StewardSettings')),
  },
  {
    key: 'switches',
    group: 'sales',
    icon: 'toggle-right',
    object: null,
    Page: lazy(() => import('./SwitchSettings')),
  },
  {
    key: 'picklists',
    group: 'data',
    icon: 'list',
    object: null,
    Page: lazy(() => import('./PicklistSettings')),
  },
  {
    key: 'tags',
    group: 'data',
    icon: 'tag',
    object: 'tag',
    Page: lazy(() => catalog().then((all) => ({ default: all.TagSettings }))),
  },
  {
    key: 'competitors',
    group: 'data',
    icon: 'flag',
    object: 'competitor',
    Page: lazy(() => catalog().then((all) => ({ default: all.CompetitorSettings }))),
  },
  {
    key: 'campaigns',
    group: 'data',
    icon: 'megaphone',
    object: 'campaign',
    Page: lazy(() => catalog().then((all) => ({ default: all.CampaignSettings }))),
  },
  {
    key: 'webhooks',
    group: 'data',
    icon: 'webhook',
    object: null,
    Page: lazy(() => import('./WebhookSettings')),
  },
];

export const groups = ['organisation', 'sales', 'data'] as const;

/** What somebody may configure; nobody is shown doors that do not open. */
export function openSections(
  can: (object: string, right: string) => boolean,
  isAdmin: boolean,
): Section[] {
  return sections.filter((section) =>
    section.object === null ? isAdmin : can(section.object, 'configure'),
  );
}
