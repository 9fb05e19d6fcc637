import { Button, Input } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { signIn } from '@/api/session';
import type { Session } from '@/api/types';
import { Notice } from '@/ui/basics';

/** The form itself; it is used on the sign-in page and over a page whose session has ended. */
export default function SignInForm({
  login: fixed,
  onSignedIn,
}: {
  login?: string;
  onSignedIn: (session: Session) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
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
      <div className="field-line">
        <label htmlFor={`${id}-login`}>{t('access.login')}</label>
        <Input
          id={`${id}-login`}
          size="large"
          name="username"
          autoComplete="username"
          autoFocus={!fixed}
          disabled={fixed !== undefined}
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </div>
      <div className="field-line">
        <label htmlFor={`${id}-password`}>{t('access.password')}</label>
        <Input.Password
          id={`${id}-password`}
          size="large"
          name="password"
          autoComplete="current-password"
          autoFocus={fixed !== undefined}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </div>
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
