import { Button, Input } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { setUp } from '@/api/session';
import type { FieldError, Session } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useDraft } from '@/ui/draft';

const empty = { organisation: '', name: '', login: '' };

/** The first run: names the organisation and creates its first administrator. */
export default function SetUpForm({
  language,
  onDone,
}: {
  language: string;
  onDone: (session: Session) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  // Secrets are not part of the draft: they must not lie in the browser's storage.
  const draft = useDraft('setup', empty);
  const [token, setToken] = useState(() => new URLSearchParams(location.search).get('token') ?? '');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { value } = draft;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMessage(null);
    setErrors([]);
    if (password !== again) {
      setErrors([{ field: 'again', code: 'setup.differs', message: t('access.passwords_differ') }]);
      return;
    }
    setBusy(true);
    try {
      const session = await setUp({ ...value, token: token.trim(), password, language });
      draft.clear(empty);
      onDone(session);
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage(isProblem(error) ? error.message : t('error.offline'));
    } finally {
      setBusy(false);
    }
  };
  const line = (
    name: string,
    label: string,
    current: string,
    change: (text: string) => void,
    options: { help?: string; secret?: boolean; complete?: string } = {},
  ) => {
    const error = errors.find((entry) => entry.field === name)?.message;
    const help = error ?? options.help;
    const shared = {
      id: `${id}-${name}`,
      size: 'large' as const,
      value: current,
      status: error ? ('error' as const) : undefined,
      autoComplete: options.complete ?? 'off',
      'aria-describedby': help ? `${id}-${name}-help` : undefined,
      onChange: (event: { target: { value: string } }) => change(event.target.value),
    };
    return (
      <div className="field-line" data-error={error ? true : undefined}>
        <label htmlFor={shared.id}>{label}</label>
        {options.secret ? <Input.Password {...shared} /> : <Input {...shared} />}
        {help && (
          <p id={`${id}-${name}-help`} className="field-help" role={error ? 'alert' : undefined}>
            {help}
          </p>
        )}
      </div>
    );
  };
  const set = (part: Partial<typeof empty>) => draft.set((before) => ({ ...before, ...part }));
  const complete = [token, value.organisation, value.name, value.login, password, again].every(
    (text) => text.trim() !== '',
  );
  return (
    <form className="stack" onSubmit={submit}>
      {message && <Notice kind="error">{message}</Notice>}
      {line('token', t('access.token'), token, setToken, { help: t('access.token_help') })}
      {line('organisation', t('access.organisation'), value.organisation, (organisation) =>
        set({ organisation }),
      )}
      {line('name', t('access.your_name'), value.name, (name) => set({ name }))}
      {line('login', t('access.login'), value.login, (login) => set({ login }), {
        complete: 'username',
      })}
      {line('password', t('access.password'), password, setPassword, {
        secret: true,
        complete: 'new-password',
        help: t('access.password_help'),
      })}
      {line('again', t('access.password_again'), again, setAgain, {
        secret: true,
        complete: 'new-password',
      })}
      <Button
        type="primary"
        size="large"
        htmlType="submit"
        block
        loading={busy}
        disabled={!complete}
      >
        {t('access.start')}
      </Button>
    </form>
  );
}
