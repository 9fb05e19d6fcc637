import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import SignInForm from './SignIn';

/** Over a page whose session has ended: nothing that was typed below is lost. */
export default function SignInAgain({ login, onDone }: { login: string; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={t('access.again_title')}
      footer={null}
      closable={false}
      width={400}
      zIndex={1500}
    >
      <p className="muted">{t('access.again_text')}</p>
      <SignInForm login={login} onSignedIn={onDone} />
    </Modal>
  );
}
