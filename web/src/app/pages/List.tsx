import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { FileQuestion } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { ListPage } from '@/record/list/ListPage';
import type { ListSearch } from '@/record/list/listState';
import { Empty } from '@/ui/basics';
import { usePhone } from '@/ui/useMedia';

const PhoneList = lazy(() => import('@/record/phone/PhoneList'));

export default function List() {
  const { t } = useTranslation();
  const phone = usePhone();
  const navigate = useNavigate();
  const { model } = useRecordWorld();
  const { collection } = useParams({ from: '/$collection' });
  const search = useSearch({ from: '/$collection' });
  const object = model.collection(collection);
  useEffect(() => {
    document.title = `${object?.label_plural ?? t('error.not_found')} · ${t('shell.product')}`;
  }, [object, t]);
  const onSearch = useCallback(
    (change: Partial<ListSearch>, options: { replace?: boolean } = {}) =>
      void navigate({
        to: '/$collection',
        params: { collection },
        search: (before) => ({ ...before, ...change }),
        replace: options.replace,
      }),
    [navigate, collection],
  );
  if (!object) {
    return (
      <Empty
        icon={<FileQuestion size={26} />}
        title={t('error.not_found')}
        text={t('error.not_found_text')}
        isPage
      >
        <Button type="primary" onClick={() => void navigate({ to: '/' })}>
          {t('error.go_home')}
        </Button>
      </Empty>
    );
  }
  const importHref = `/import?object=${object.name}`;
  if (phone) {
    return (
      <Suspense fallback={null}>
        <PhoneList
          key={collection}
          object={object}
          search={search}
          onSearch={onSearch}
          importHref={importHref}
        />
      </Suspense>
    );
  }
  return (
    <ListPage
      key={collection}
      object={object}
      search={search}
      onSearch={onSearch}
      importHref={importHref}
    />
  );
}
