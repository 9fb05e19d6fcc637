import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { Dropdown, Popover } from 'antd';
import {
  Bell,
  CircleHelp,
  Download,
  Globe,
  LayoutDashboard,
  LogOut,
  Moon,
  PanelLeftClose,
  PanelLeftOpen,
  Plus,
  Search,
  Settings,
  Sun,
  Trash2,
  Upload,
  UserRound,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { useUnreadCount } from '@/platform/notifications/useNotifications';
import type { PaletteCommand } from '@/platform/palette/Palette';
import { useRecordWorld } from '@/record/context';
import { Mark } from '@/ui/Brand';
import { Avatar } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { isMac, type Shortcuts, useShortcuts } from '@/ui/keyboard';
import { languages } from '../i18n';
import { usePreferences } from '../preferences';
import { useNavigation } from './navigation';
import { PasswordNotice } from './PasswordNotice';
import { useSignOut } from './useSignOut';

const Palette = lazy(() => import('@/platform/palette/Palette'));
const KeyHelp = lazy(() => import('@/platform/palette/KeyHelp'));
const NotificationList = lazy(() => import('@/platform/notifications/NotificationList'));

const keptKey = 'kehai.sidebar';

/** Side bar and top bar around the page. */
export function DesktopShell({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { user, organisation } = useSession();
  const { model, create } = useRecordWorld();
  const { groups, settings, recycleBin } = useNavigation();
  const { dark, setLanguage, setTheme } = usePreferences();
  const signOut = useSignOut();
  const unread = useUnreadCount();
  const [narrow, setNarrow] = useState(() => localStorage.getItem(keptKey) === 'narrow');
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [news, setNews] = useState(false);

  const places = [
    {
      key: 'home',
      label: t('workbench.title'),
      to: '/',
      keys: 'h',
      keywords: 'gzt gongzuotai sy home dashboard',
      icon: undefined as string | undefined,
    },
    ...groups.flatMap((group) => group.items),
  ];
  const go = (to: string) => void navigate({ to });
  const creatable = model.objects.filter(
    (object) =>
      object.rights.includes('create') &&
      Boolean(object.group) &&
      object.group !== 'settings' &&
      object.name !== 'activity',
  );

  const shortcuts: Shortcuts = {
    'mod+k': () => setPalette((open) => !open),
    '?': () => setHelp(true),
    '/': () => setPalette(true),
    c: () => setPalette(true),
  };
  for (const place of places) if (place.keys) shortcuts[`g ${place.keys}`] = () => go(place.to);
  useShortcuts(shortcuts);

  const commands: PaletteCommand[] = [
    ...places.map((place) => ({
      key: `go.${place.key}`,
      group: 'go' as const,
      label: place.label,
      keywords: place.keywords,
      icon: place.icon ? (
        <Icon name={place.icon} />
      ) : (
        <LayoutDashboard size={16} aria-hidden="true" />
      ),
      keys: place.keys ? ['G', place.keys.toUpperCase()] : undefined,
      run: () => go(place.to),
    })),
    ...creatable.map((object) => ({
      key: `create.${object.name}`,
      group: 'create' as const,
      label: t('record.new', { object: object.label }),
      keywords: `xj xinjian new create ${object.name}`,
      icon: <Plus size={16} aria-hidden="true" />,
      run: () => create(object.name),
    })),
    {
      key: 'theme',
      group: 'command',
      label: dark ? t('shell.use_light') : t('shell.use_dark'),
      keywords: 'zt zhuti sm shense dark light theme',
      icon: dark ? <Sun size={16} aria-hidden="true" /> : <Moon size={16} aria-hidden="true" />,
      run: () => setTheme(dark ? 'light' : 'dark'),
    },
    ...(model.objects.some((object) => object.rights.includes('import'))
      ? [
          {
            key: 'import',
            group: 'command' as const,
            label: t('list.import'),
            keywords: 'dr daoru import excel csv shangchuan upload',
            icon: <Upload size={16} aria-hidden="true" />,
            run: () => go('/import'),
          },
        ]
      : []),
    ...groups
      .flatMap((group) => group.items)
      .flatMap(({ key, to }) => {
        const object = model.object(key);
        if (!object?.rights.includes('export') || to !== `/${object.collection}`) return [];
        return [
          {
            key: `export.${key}`,
            group: 'command' as const,
            label: t('palette.export', { object: object.label_plural }),
            keywords: `dc daochu export excel csv ${key}`,
            icon: <Download size={16} aria-hidden="true" />,
            run: () =>
              void navigate({
                to: '/$collection',
                params: { collection: object.collection },
                // Of the list that is open what is shown, of others everything.
                search: (before) => ({ ...(path === to ? before : {}), export: 'yes' as const }),
              }),
          },
        ];
      }),
    ...languages
      .filter(({ value }) => value !== i18n.language)
      .map(({ value, label }) => ({
        key: `language.${value}`,
        group: 'command' as const,
        label: t('palette.language', { language: label }),
        keywords: `yy yuyan language ${value} ${label}`.toLowerCase(),
        icon: <Globe size={16} aria-hidden="true" />,
        run: () => setLanguage(value),
      })),
    {
      key: 'profile',
      group: 'command',
      label: t('profile.title'),
      keywords: 'grsz geren mima password profile token',
      icon: <UserRound size={16} aria-hidden="true" />,
      run: () => go('/profile'),
    },
    ...(recycleBin
      ? [
          {
            key: 'recycle_bin',
            group: 'go' as const,
            label: t('recycle_bin.title'),
            keywords: 'hsz huishouzhan hyjl huanyuan recycle bin trash restore deleted',
            icon: <Trash2 size={16} aria-hidden="true" />,
            run: () => go('/recycle_bin'),
          },
        ]
      : []),
    ...(settings
      ? [
          {
            key: 'settings',
            group: 'go' as const,
            label: t('settings.title'),
            keywords: 'sz shezhi settings admin yonghu quanxian users roles',
            icon: <Settings size={16} aria-hidden="true" />,
            run: () => go('/settings'),
          },
        ]
      : []),
    {
      key: 'keys',
      group: 'command',
      label: t('keys.title'),
      keywords: 'kjj kuaijiejian keys help',
      icon: <CircleHelp size={16} aria-hidden="true" />,
      run: () => setHelp(true),
    },
    {
      key: 'sign_out',
      group: 'command',
      label: t('shell.sign_out'),
      keywords: 'tc tuichu logout sign out',
      icon: <LogOut size={16} aria-hidden="true" />,
      run: signOut,
    },
  ];

  return (
    <div className="shell" data-narrow={narrow || undefined}>
      <a className="skip-link" href="#content">
        {t('shell.skip')}
      </a>
      <aside className="side-bar">
        <div className="side-brand">
          <Mark size={26} />
          {!narrow && <span className="ellipsis">{t('shell.product')}</span>}
        </div>
        <nav aria-label={t('shell.navigation')}>
          <ul>
            <li>
              <Link
                to="/"
                className="side-item"
                activeProps={{ 'data-active': true, 'aria-current': 'page' }}
                title={narrow ? t('workbench.title') : undefined}
              >
                <LayoutDashboard size={16} strokeWidth={1.75} aria-hidden="true" />
                <span className="side-text">{t('workbench.title')}</span>
              </Link>
            </li>
            {groups[0].items.map((item) => (
              <SideItem key={item.key} item={item} narrow={narrow} />
            ))}
          </ul>
          {groups.slice(1).map(
            (group) =>
              group.items.length > 0 && (
                <div key={group.key}>
                  <p className="side-group">{narrow ? '' : group.label}</p>
                  <ul>
                    {group.items.map((item) => (
                      <SideItem key={item.key} item={item} narrow={narrow} />
                    ))}
                  </ul>
                </div>
              ),
          )}
        </nav>
        <span className="grow" />
        {recycleBin && (
          <Link
            to="/recycle_bin"
            className="side-item"
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
            activeOptions={{ includeSearch: false }}
            title={narrow ? t('recycle_bin.title') : undefined}
          >
            <Trash2 size={16} strokeWidth={1.75} aria-hidden="true" />
            <span className="side-text">{t('recycle_bin.title')}</span>
          </Link>
        )}
        {settings && (
          <Link
            to="/settings/{-$section}"
            className="side-item"
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
            title={narrow ? t('settings.title') : undefined}
          >
            <Settings size={16} strokeWidth={1.75} aria-hidden="true" />
            <span className="side-text">{t('settings.title')}</span>
          </Link>
        )}
        <button
          type="button"
          className="side-item"
          aria-expanded={!narrow}
          aria-label={narrow ? t('shell.widen') : t('shell.narrow')}
          onClick={() => {
            localStorage.setItem(keptKey, narrow ? 'wide' : 'narrow');
            setNarrow(!narrow);
          }}
        >
          {narrow ? (
            <PanelLeftOpen size={16} strokeWidth={1.75} aria-hidden="true" />
          ) : (
            <PanelLeftClose size={16} strokeWidth={1.75} aria-hidden="true" />
          )}
          <span className="side-text">{t('shell.narrow')}</span>
        </button>
      </aside>
      <div className="shell-main">
        <header className="top-bar">
          <button type="button" className="top-search" onClick={() => setPalette(true)}>
            <Search size={15} aria-hidden="true" />
            <span className="grow ellipsis">{t('shell.search')}</span>
            <kbd className="kbd">{isMac ? '⌘ K' : 'Ctrl K'}</kbd>
          </button>
          <span className="grow" />
          <Dropdown
            trigger={['click']}
            menu={{
              items: creatable.map((object) => ({
                key: object.name,
                icon: <Icon name={object.icon} size={15} />,
                label: t('record.new', { object: object.label }),
                onClick: () => create(object.name),
              })),
            }}
          >
            <button
              type="button"
              className="icon-button"
              aria-label={t('shell.create')}
              title={t('shell.create')}
            >
              <Plus size={18} aria-hidden="true" />
            </button>
          </Dropdown>
          <Dropdown
            trigger={['click']}
            menu={{
              selectedKeys: [i18n.language],
              items: languages.map((language) => ({
                key: language.value,
                label: <span lang={language.value}>{language.label}</span>,
                onClick: () => setLanguage(language.value),
              })),
            }}
          >
            <button
              type="button"
              className="icon-button"
              aria-label={t('profile.language')}
              title={t('profile.language')}
            >
              <Globe size={17} strokeWidth={1.75} aria-hidden="true" />
            </button>
          </Dropdown>
          <button
            type="button"
            className="icon-button"
            aria-label={dark ? t('shell.use_light') : t('shell.use_dark')}
            title={dark ? t('shell.use_light') : t('shell.use_dark')}
            onClick={() => setTheme(dark ? 'light' : 'dark')}
          >
            {dark ? (
              <Sun size={17} strokeWidth={1.75} aria-hidden="true" />
            ) : (
              <Moon size={17} strokeWidth={1.75} aria-hidden="true" />
            )}
          </button>
          <Popover
            trigger="click"
            placement="bottomRight"
            open={news}
            onOpenChange={setNews}
            destroyOnHidden
            content={
              <div
                className="notification-popover"
                role="dialog"
                aria-label={t('notifications.title')}
              >
                <Suspense fallback={null}>
                  <NotificationList onNavigate={() => setNews(false)} />
                </Suspense>
              </div>
            }
          >
            <button
              type="button"
              className="icon-button bell"
              aria-label={
                unread > 0 ? t('notifications.bell', { count: unread }) : t('notifications.title')
              }
              title={t('notifications.title')}
            >
              <Bell size={17} strokeWidth={1.75} aria-hidden="true" />
              {unread > 0 && <span className="bell-count">{unread > 99 ? '99+' : unread}</span>}
            </button>
          </Popover>
          <Dropdown
            trigger={['click']}
            menu={{
              items: [
                {
                  key: 'who',
                  type: 'group',
                  label: `${user.name} · ${organisation.name}`,
                  children: [
                    {
                      key: 'profile',
                      icon: <UserRound size={15} aria-hidden="true" />,
                      label: t('profile.title'),
                      onClick: () => go('/profile'),
                    },
                    {
                      key: 'keys',
                      icon: <CircleHelp size={15} aria-hidden="true" />,
                      label: t('keys.title'),
                      onClick: () => setHelp(true),
                    },
                    {
                      key: 'out',
                      icon: <LogOut size={15} aria-hidden="true" />,
                      label: t('shell.sign_out'),
                      onClick: signOut,
                    },
                  ],
                },
              ],
            }}
          >
            <button
              type="button"
              className="user-button"
              aria-label={t('shell.user_menu', { name: user.name })}
            >
              <Avatar name={user.name} size={28} />
            </button>
          </Dropdown>
        </header>
        <PasswordNotice />
        <main id="content" className="content">
          {children}
        </main>
      </div>
      <Suspense fallback={null}>
        {palette && (
          <Palette
            commands={commands}
            onSearch={(q) => void navigate({ to: '/search', search: { q } })}
            onClose={() => setPalette(false)}
          />
        )}
        {help && (
          <KeyHelp
            places={places.flatMap((place) =>
              place.keys ? [{ keys: ['G', place.keys.toUpperCase()], label: place.label }] : [],
            )}
            onClose={() => setHelp(false)}
          />
        )}
      </Suspense>
    </div>
  );
}

function SideItem({
  item,
  narrow,
}: {
  item: { to: string; label: string; icon?: string };
  narrow: boolean;
}) {
  return (
    <li>
      <Link
        to={item.to}
        className="side-item"
        activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        activeOptions={{ includeSearch: false }}
        title={narrow ? item.label : undefined}
      >
        <Icon name={item.icon} />
        <span className="side-text">{item.label}</span>
      </Link>
    </li>
  );
}
