import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import DataQualityPage from '@/modules/data_quality/DataQualityPage';

export default function DataQuality() {
  const { t } = useTranslation();
  const router = useRouter();
  useEffect(() => {
    document.title = `${t('quality.title')} · ${t('shell.product')}`;
  }, [t]);
  const onList = useCallback((href: string) => router.history.push(href), [router]);
  return <DataQualityPage onList={onList} />;
}
