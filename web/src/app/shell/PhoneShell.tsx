import { Link } from '@tanstack/react-router';
import { LayoutDashboard, Menu, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnreadCount } from '@/platform/notifications/useNotifications';
import { useRecordWorld } from '@/record/context';
import { Icon } from '@/ui/Icon';
import { PasswordNotice } from './PasswordNotice';

const tabs = ['lead', 'account', 'opportunity'];

/** On the phone the places are tabs at the foot of the screen, in reach of a thumb. */
export default function PhoneShell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const unread = useUnreadCount();
  return (
    <div className="phone">
      <PasswordNotice />
      <main id="content" className="content">
        {children}
      </main>
      <nav className="phone-tabs" aria-label={t('shell.navigation')}>
        <Link to="/" activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
          <LayoutDashboard size={20} strokeWidth={1.75} aria-hidden="true" />
          <span>{t('phone.tab.home')}</span>
        </Link>
        {tabs.flatMap((name) => {
          const object = model.object(name);
          if (!object) return [];
          return [
            <Link
              key={name}
              to="/$collection"
              params={{ collection: object.collection }}
              activeOptions={{ includeSearch: false }}
              activeProps={{ 'data-active': true, 'aria-current': 'page' }}
            >
              <Icon name={object.icon} size={20} />
              <span>{t(`phone.tab.${name}`)}</span>
            </Link>,
          ];
        })}
        <Link to="/search" activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
          <Search size={20} strokeWidth={1.75} aria-hidden="true" />
          <span>{t('search.title')}</span>
        </Link>
        <Link to="/more" activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
          <span className="bell">
            <Menu size={20} strokeWidth={1.75} aria-hidden="true" />
            {unread > 0 && <span className="bell-count">{unread > 99 ? '99+' : unread}</span>}
          </span>
          <span>{t('shell.more')}</span>
        </Link>
      </nav>
    </div>
  );
}
