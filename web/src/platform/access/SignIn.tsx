import { Button } from 'antd';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { signIn } from '@/api/session';
import type { Session } from '@/api/types';
import { Notice } from '@/ui/basics';
import { TextLine } from './lines';

/** The form itself; it is used on the sign-in page and over a page whose session has ended. */
export default function SignInForm({
  login: fixed,
  onSignedIn,
}: {
  login?: string;
  onSignedIn: (session: Session) => void;
}) {
  const { t } = useTranslation();
  const [login, setLogin] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setMessage(null);
    try {
      onSignedIn(await signIn(login.trim(), password));
    } catch (error) {
      setMessage(isProblem(error) ? error.message : t('error.offline'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={submit}>
      {message && <Notice kind="error">{message}</Notice>}
      <TextLine
        size="large"
        name="username"
        autoComplete="username"
        autoFocus={!fixed}
        disabled={fixed !== undefined}
        label={t('access.login')}
        value={login}
        onChange={setLogin}
      />
      <TextLine
        secret
        size="large"
        name="password"
        autoComplete="current-password"
        autoFocus={fixed !== undefined}
        label={t('access.password')}
        value={password}
        onChange={setPassword}
      />
      <Button
        type="primary"
        size="large"
        htmlType="submit"
        block
        loading={busy}
        disabled={login.trim() === '' || password === ''}
      >
        {t('access.sign_in')}
      </Button>
    </form>
  );
}
