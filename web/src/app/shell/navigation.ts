import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { restorable } from '@/platform/recycle_bin/useRecycleBin';
import { openSections } from '@/platform/settings/sections';
import { useRecordWorld } from '@/record/context';

export interface NavigationItem {
  key: string;
  label: string;
  icon?: string;
  to: string;
  keys?: string;
  keywords: string;
}
export interface NavigationGroup {
  key: 'work' | 'sales';
  label: string;
  items: NavigationItem[];
}

/** The places of the side bar: those of the modules whose objects the user may read. */
export function useNavigation(): {
  groups: NavigationGroup[];
  settings: boolean;
  recycleBin: boolean;
} {
  const { t } = useTranslation();
  const { model, descriptors } = useRecordWorld();
  const { user } = useSession();
  return useMemo(() => {
    const items = (group: 'work' | 'sales'): NavigationItem[] =>
      descriptors
        .filter((descriptor) => descriptor.navigation?.group === group)
        .toSorted((a, b) => (a.navigation?.order ?? 0) - (b.navigation?.order ?? 0))
        .flatMap((descriptor): NavigationItem[] => {
          const object = model.object(descriptor.object);
          if (!object) return [];
          const { page } = descriptor;
          if (page) {
            if (!model.can(object.name, page.right)) return [];
            const item = { key: object.name, label: t(page.label), icon: page.icon, to: page.path };
            return [{ ...item, keywords: descriptor.keywords ?? '' }];
          }
          return [
            {
              key: object.name,
              label: object.label_plural,
              icon: object.icon,
              to: `/${object.collection}`,
              keys: descriptor.navigation?.shortcut,
              keywords: descriptor.keywords ?? '',
            },
          ];
        });
    return {
      groups: [
        { key: 'work', label: t('shell.group_work'), items: items('work') },
        { key: 'sales', label: t('shell.group_sales'), items: items('sales') },
      ],
      recycleBin: restorable(model).length > 0,
      settings: openSections((object, right) => model.can(object, right), user.is_admin).length > 0,
    };
  }, [t, model, descriptors, user.is_admin]);
}
