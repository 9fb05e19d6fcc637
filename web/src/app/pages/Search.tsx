import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import SearchPage from '@/platform/search/SearchPage';

export default function Search() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { q } = useSearch({ from: '/search' });
  useEffect(() => {
    document.title = `${t('search.title')} · ${t('shell.product')}`;
  }, [t]);
  return (
    <SearchPage
      text={q ?? ''}
      onText={(text) =>
        void navigate({ to: '/search', search: text ? { q: text } : {}, replace: true })
      }
    />
  );
}
