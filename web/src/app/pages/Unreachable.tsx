import { Button } from 'antd';
import { WifiOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/ui/basics';

const anew = () => window.location.reload();

/** In place of a page that could not be fetched; comes back by itself with the connection. */
export function Unreachable() {
  const { t } = useTranslation();
  useEffect(() => {
    window.addEventListener('online', anew);
    return () => window.removeEventListener('online', anew);
  }, []);
  return (
    <Empty
      icon={<WifiOff size={26} />}
      title={t('error.no_server_title')}
      text={t('error.no_server_text')}
      isPage
    >
      <Button type="primary" onClick={anew}>
        {t('common.retry')}
      </Button>
    </Empty>
  );
}
