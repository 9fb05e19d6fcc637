import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import NotificationList from '@/platform/notifications/NotificationList';

export default function Notifications() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t('notifications.title')} · ${t('shell.product')}`;
  }, [t]);
  return (
    <div className="page narrow-page">
      <header className="page-bar">
        <h1>{t('notifications.title')}</h1>
      </header>
      <div className="page-scroll">
        <NotificationList />
      </div>
    </div>
  );
}
