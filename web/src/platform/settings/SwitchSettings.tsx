import { useTranslation } from 'react-i18next';
import { SectionHead } from './parts';
import { SwitchList } from './SwitchList';

export default function SwitchSettings() {
  const { t } = useTranslation();
  return (
    <>
      <SectionHead title={t('settings.section.switches')} text={t('settings.switches_text')} />
      <SwitchList />
    </>
  );
}
