import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Select } from 'antd';
import { Copy, KeyRound, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post, remove } from '@/api/client';
import { useSession } from '@/api/session';
import type { Language, ThemeChoice } from '@/api/types';
import { Avatar, Notice, Pill, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { NewPasswordForm, TextLine } from '../access/lines';

const DateInput = lazy(() => import('@/record/fields/shared/DateInput'));

interface Token {
  id: number;
  name: string;
  read_only: boolean;
  expires_on: string | null;
  created_at?: string;
  last_used_at?: string | null;
}

function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  return (
    <NewPasswordForm
      className="profile-form"
      field="new"
      label={t('profile.new_password')}
      note={t('profile.password_note')}
      action={t('profile.change_password')}
      ready={current !== ''}
      send={async (password) => {
        await post('/session/password', { current, new: password });
        setCurrent('');
        await client.invalidateQueries({ queryKey: ['session'] });
        showToast({ kind: 'success', text: t('profile.password_changed') });
      }}
    >
      {(errorOf) => (
        <TextLine
          secret
          autoComplete="current-password"
          label={t('profile.current_password')}
          value={current}
          onChange={setCurrent}
          error={errorOf('current')}
        />
      )}
    </NewPasswordForm>
  );
}

function Tokens() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [readOnly, setReadOnly] = useState(true);
  const [expires, setExpires] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ['tokens'],
    queryFn: async () => {
      const answer = await get<{ value: Token[] } | Token[]>('/session/tokens');
      return Array.isArray(answer) ? answer : answer.value;
    },
  });
  const create = async () => {
    setMessage(null);
    try {
      const token = await post<Token & { secret?: string; token?: string }>('/session/tokens', {
        name: name.trim(),
        read_only: readOnly,
        ...(expires ? { expires_on: expires } : {}),
      });
      setSecret(token.secret ?? token.token ?? '');
      setName('');
      setExpires(null);
      setOpen(false);
      await client.invalidateQueries({ queryKey: ['tokens'] });
    } catch (error) {
      setMessage((error as Error).message);
    }
  };
  const drop = async (token: Token) => {
    try {
      await remove(`/session/tokens/${token.id}`);
      await client.invalidateQueries({ queryKey: ['tokens'] });
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
    }
  };
  return (
    <div className="stack">
      <p className="muted">{t('profile.tokens_text')}</p>
      {secret !== null && (
        <Notice kind="success">
          <p>{t('profile.token_once')}</p>
          <p className="line token-secret">
            <code className="grow">{secret}</code>
            <Button
              size="small"
              icon={<Copy size={13} aria-hidden="true" />}
              onClick={() => void navigator.clipboard?.writeText(secret)}
            >
              {t('common.copy')}
            </Button>
          </p>
        </Notice>
      )}
      {query.data && query.data.length > 0 && (
        <ul className="rows">
          {query.data.map((token) => (
            <li key={token.id} className="row">
              <KeyRound size={16} aria-hidden="true" />
              <span className="grow">
                <span className="row-title">{token.name}</span>
                <span className="row-sub">
                  {token.expires_on
                    ? t('profile.token_until', { date: token.expires_on })
                    : t('profile.token_forever')}
                  {token.last_used_at
                    ? ` · ${t('profile.token_used', { when: format.relative(token.last_used_at) })}`
                    : ''}
                </span>
              </span>
              <Pill color={token.read_only ? 'grey' : 'orange'}>
                {token.read_only ? t('profile.read_only') : t('profile.read_write')}
              </Pill>
              <button
                type="button"
                className="icon-button"
                aria-label={t('profile.delete_token', { name: token.name })}
                onClick={() => drop(token)}
              >
                <Trash2 size={15} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button onClick={() => setOpen(true)}>{t('profile.new_token')}</Button>
      </div>
      <Modal
        open={open}
        title={t('profile.new_token')}
        okText={t('profile.create_token')}
        cancelText={t('common.cancel')}
        okButtonProps={{ disabled: name.trim() === '' }}
        onOk={create}
        onCancel={() => setOpen(false)}
        width={420}
      >
        <div className="stack">
          {message && <Notice kind="error">{message}</Notice>}
          <div className="field-line">
            <label htmlFor="token-name">{t('profile.token_name')}</label>
            <Input id="token-name" value={name} onChange={(event) => setName(event.target.value)} />
          </div>
          <div className="field-line">
            <label htmlFor="token-expires">{t('profile.token_expires')}</label>
            <Suspense fallback={<span className="input-wait" aria-busy="true" />}>
              <DateInput
                id="token-expires"
                field={{ name: 'expires_on', type: 'date', label: '' }}
                value={expires}
                onChange={(value) => setExpires((value as string | null) ?? null)}
              />
            </Suspense>
          </div>
          <label className="line">
            <input
              type="checkbox"
              checked={readOnly}
              onChange={(event) => setReadOnly(event.target.checked)}
            />
            {t('profile.read_only')}
          </label>
        </div>
      </Modal>
    </div>
  );
}

/** The user's own settings. */
export default function ProfilePage({
  languages,
  onLanguage,
  onTheme,
  onSignOutEverywhere,
}: {
  languages: { value: Language; label: string }[];
  onLanguage: (language: Language) => void;
  onTheme: (theme: ThemeChoice) => void;
  onSignOutEverywhere: () => void;
}) {
  const { t } = useTranslation();
  const { user, organisation } = useSession();
  return (
    <div className="page narrow-page">
      <header className="page-bar">
        <h1>{t('profile.title')}</h1>
      </header>
      <div className="page-scroll">
        <section className="card">
          <div className="card-body line profile-head">
            <Avatar name={user.name} size={48} />
            <div className="grow">
              <h2>{user.name}</h2>
              <p className="muted">
                {[user.login, user.department?.name, organisation.name].filter(Boolean).join(' · ')}
              </p>
            </div>
            {user.roles.map((role) => (
              <Pill key={role.name} color="blue">
                {role.label}
              </Pill>
            ))}
          </div>
        </section>
        <section className="card" aria-label={t('profile.appearance')}>
          <div className="card-head">
            <h2>{t('profile.appearance')}</h2>
          </div>
          <div className="card-body stack">
            <div className="line setting-line">
              <span className="grow" id="profile-language">
                {t('profile.language')}
              </span>
              <Select<Language>
                style={{ minWidth: 160 }}
                aria-labelledby="profile-language"
                value={user.language}
                options={languages}
                onChange={onLanguage}
              />
            </div>
            <div className="line setting-line">
              <span className="grow">{t('profile.theme')}</span>
              <Tabs<ThemeChoice>
                label={t('profile.theme')}
                items={[
                  { key: 'light', label: t('profile.theme_light') },
                  { key: 'dark', label: t('profile.theme_dark') },
                  { key: 'system', label: t('profile.theme_system') },
                ]}
                value={user.theme}
                onChange={onTheme}
              />
            </div>
          </div>
        </section>
        <section className="card" aria-label={t('profile.password')}>
          <div className="card-head">
            <h2>{t('profile.password')}</h2>
          </div>
          <div className="card-body">
            <Password />
          </div>
        </section>
        <section className="card" aria-label={t('profile.tokens')}>
          <div className="card-head">
            <h2>{t('profile.tokens')}</h2>
          </div>
          <div className="card-body">
            <Tokens />
          </div>
        </section>
        <section className="card" aria-label={t('profile.sessions')}>
          <div className="card-head">
            <h2>{t('profile.sessions')}</h2>
          </div>
          <div className="card-body line">
            <p className="grow muted">{t('profile.sessions_text')}</p>
            <Button danger onClick={onSignOutEverywhere}>
              {t('profile.sign_out_everywhere')}
            </Button>
          </div>
        </section>
      </div>
    </div>
  );
}
