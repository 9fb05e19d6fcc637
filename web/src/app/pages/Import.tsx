import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import ImportPage from '@/platform/import/ImportPage';

export default function Import() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: '/import' });
  useEffect(() => {
    document.title = `${t('list.import')} · ${t('shell.product')}`;
  }, [t]);
  return (
    <ImportPage
      search={search}
      onSearch={(next, replace) => void navigate({ to: '/import', search: next, replace })}
      onList={(object) =>
        void navigate({ to: '/$collection', params: { collection: object.collection }, search: {} })
      }
    />
  );
}
