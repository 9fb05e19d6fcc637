import { Button, Input } from 'antd';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { FieldError } from '@/api/types';
import { Notice } from '@/ui/basics';

/** One labelled line of a form; what is wrong with it stands below it. */
export function TextLine({
  label,
  value,
  onChange,
  error,
  help,
  secret = false,
  ...input
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  error?: string;
  help?: string;
  secret?: boolean;
  size?: 'large';
  name?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  disabled?: boolean;
}) {
  const id = useId();
  const below = error ?? help;
  const shared = {
    ...input,
    id,
    value,
    status: error ? ('error' as const) : undefined,
    'aria-describedby': below ? `${id}-help` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <div className="field-line" data-error={error ? true : undefined}>
      <label htmlFor={id}>{label}</label>
      {secret ? <Input.Password {...shared} /> : <Input {...shared} />}
      {below && (
        <p id={`${id}-help`} className="field-help" role={error ? 'alert' : undefined}>
          {below}
        </p>
      )}
    </div>
  );
}

/**
 * A form that sets a password: it is typed twice, and refusals stand at their fields. `field` is the
 * server's name of the password; `children` are the lines above it.
 */
export function NewPasswordForm({
  field,
  label,
  help,
  note,
  action,
  ready,
  size,
  className = '',
  send,
  children,
}: {
  field: string;
  label: string;
  help?: string;
  note?: string;
  action: string;
  /** Whether the lines above are filled. */
  ready: boolean;
  size?: 'large';
  className?: string;
  send: (password: string) => Promise<void>;
  children: (errorOf: (field: string) => string | undefined) => ReactNode;
}) {
  const { t } = useTranslation();
  // Secrets live here only: they must not lie in the browser's storage.
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const errorOf = (name: string) => errors.find((entry) => entry.field === name)?.message;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMessage(null);
    setErrors([]);
    if (password !== again) {
      setErrors([{ field: 'again', code: 'differs', message: t('access.passwords_differ') }]);
      return;
    }
    setBusy(true);
    try {
      await send(password);
      setPassword('');
      setAgain('');
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage(isProblem(error) ? error.message : t('error.offline'));
    } finally {
      setBusy(false);
    }
  };
  const line = { secret: true, autoComplete: 'new-password', size };
  return (
    <form className={`stack ${className}`} onSubmit={submit}>
      {message && <Notice kind="error">{message}</Notice>}
      {children(errorOf)}
      <TextLine
        {...line}
        label={label}
        value={password}
        onChange={setPassword}
        help={help}
        error={errorOf(field)}
      />
      <TextLine
        {...line}
        label={t('access.password_again')}
        value={again}
        onChange={setAgain}
        error={errorOf('again')}
      />
      {note && <p className="muted">{note}</p>}
      <Button
        type="primary"
        htmlType="submit"
        size={size}
        block={size === 'large'}
        loading={busy}
        disabled={!ready || password === '' || again === ''}
      >
        {action}
      </Button>
    </form>
  );
}
