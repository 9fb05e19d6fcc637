import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import ProfilePage from '@/platform/profile/ProfilePage';
import { languages } from '../i18n';
import { usePreferences } from '../preferences';
import { useSignOut } from '../shell/useSignOut';

export default function Profile() {
  const { t } = useTranslation();
  const { setLanguage, setTheme } = usePreferences();
  const signOutEverywhere = useSignOut('everywhere');
  useEffect(() => {
    document.title = `${t('profile.title')} · ${t('shell.product')}`;
  }, [t]);
  return (
    <ProfilePage
      languages={languages}
      onLanguage={setLanguage}
      onTheme={setTheme}
      onSignOutEverywhere={signOutEverywhere}
    />
  );
}
