import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import WorkbenchPage from '@/modules/workbench/WorkbenchPage';

export default function Home() {
  const { t } = useTranslation();
  const { user } = useSession();
  useEffect(() => {
    document.title = `${t('workbench.title')} · ${t('shell.product')}`;
  }, [t]);
  return <WorkbenchPage name={user.name} />;
}
