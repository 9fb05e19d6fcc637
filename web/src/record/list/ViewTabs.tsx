import { useTranslation } from 'react-i18next';
import type { ObjectMeta } from '@/api/types';
import { Tabs } from '@/ui/basics';
import { type ListSearch, viewOf, viewsOf } from './listState';

/** The views of a list side by side. Choosing one drops the own filter and order. */
export function ViewTabs({
  object,
  search,
  onSearch,
}: {
  object: ObjectMeta;
  search: ListSearch;
  onSearch: (change: Partial<ListSearch>) => void;
}) {
  const { t } = useTranslation();
  const views = viewsOf(object);
  return (
    <Tabs
      label={t('list.views')}
      items={views.map((view) => ({
        key: view.name,
        label:
          view.label ||
          (view.pool
            ? t(object.pooled === 'lead' ? 'list.lead_pool' : 'list.pool')
            : t('list.all')),
      }))}
      value={viewOf(object, search).name}
      onChange={(name) =>
        onSearch({
          view: name === views[0].name ? undefined : name,
          pool: undefined,
          filter: undefined,
          sort: undefined,
          cols: undefined,
        })
      }
    />
  );
}
