import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import SettingsPage from '@/platform/settings/SettingsPage';

export default function Settings() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { section } = useParams({ from: '/settings/{-$section}' });
  useEffect(() => {
    document.title = `${t('settings.title')} · ${t('shell.product')}`;
  }, [t]);
  const onSection = useCallback(
    (next: string | undefined) =>
      void navigate({ to: '/settings/{-$section}', params: { section: next } }),
    [navigate],
  );
  return (
    <SettingsPage section={section} hrefOf={(key) => `/settings/${key}`} onSection={onSection} />
  );
}
