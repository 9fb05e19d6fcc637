import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import { sessionQuery } from '@/api/session';
import ProfilePage from '@/platform/profile/ProfilePage';
import { showToast } from '@/ui/toast';
import { languages } from '../i18n';
import { usePreferences } from '../preferences';

export default function Profile() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { setLanguage, setTheme } = usePreferences();
  useEffect(() => {
    document.title = `${t('profile.title')} · ${t('shell.product')}`;
  }, [t]);
  return (
    <ProfilePage
      languages={languages}
      onLanguage={setLanguage}
      onTheme={setTheme}
      onSignOutEverywhere={() => {
        post('/session/sign_out_everywhere').then(
          () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
          (error: Error) => showToast({ kind: 'error', text: error.message }),
        );
      }}
    />
  );
}
