import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import WorkbenchPage from '@/modules/workbench/WorkbenchPage';
import { usePhone } from '@/ui/useMedia';

const PhoneWorkbench = lazy(() => import('@/modules/workbench/PhoneWorkbench'));

export default function Home() {
  const { t } = useTranslation();
  const { user } = useSession();
  useEffect(() => {
    document.title = `${t('workbench.title')} · ${t('shell.product')}`;
  }, [t]);
  const phone = usePhone();
  if (phone) {
    return (
      <Suspense fallback={null}>
        <PhoneWorkbench name={user.name} />
      </Suspense>
    );
  }
  return <WorkbenchPage name={user.name} />;
}
