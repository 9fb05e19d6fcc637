import { useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { FileQuestion } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import RecordPage from '@/record/page/RecordPage';
import { Empty } from '@/ui/basics';
import { usePhone } from '@/ui/useMedia';

const PhoneRecord = lazy(() => import('@/record/phone/PhoneRecord'));

export default function Record() {
  const { t } = useTranslation();
  const phone = usePhone();
  const navigate = useNavigate();
  const router = useRouter();
  const { model } = useRecordWorld();
  const { collection, id: text } = useParams({ from: '/$collection/$id' });
  const object = model.collection(collection);
  const id = Number(text);
  useEffect(() => {
    document.title = `${object?.label ?? t('error.not_found')} · ${t('shell.product')}`;
  }, [object, t]);
  if (!object || !Number.isSafeInteger(id)) {
    return (
      <Empty
        isPage
        icon={<FileQuestion size={26} />}
        title={t('error.not_found')}
        text={t('error.not_found_text')}
      />
    );
  }
  const back = () => {
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: '/$collection', params: { collection } });
  };
  if (phone) {
    return (
      <Suspense fallback={null}>
        <PhoneRecord key={id} object={object} id={id} onBack={back} />
      </Suspense>
    );
  }
  return <RecordPage key={id} object={object} id={id} onBack={back} />;
}
