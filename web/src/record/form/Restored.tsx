import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';

/** Says that a form holds what was typed before, and throws it away when asked to. */
export function Restored({ onStartOver }: { onStartOver: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice>
      {t('form.restored')}{' '}
      <button type="button" className="link-button" onClick={onStartOver}>
        {t('form.start_over')}
      </button>
    </Notice>
  );
}
