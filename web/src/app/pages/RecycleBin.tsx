import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import RecycleBinPage from '@/platform/recycle_bin/RecycleBinPage';

export default function RecycleBin() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { object } = useSearch({ from: '/recycle_bin' });
  useEffect(() => {
    document.title = `${t('recycle_bin.title')} · ${t('shell.product')}`;
  }, [t]);
  const onObject = useCallback(
    (next: string | undefined) =>
      void navigate({ to: '/recycle_bin', search: next ? { object: next } : {}, replace: true }),
    [navigate],
  );
  return <RecycleBinPage object={object} onObject={onObject} />;
}
