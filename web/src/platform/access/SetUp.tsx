import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setUp } from '@/api/session';
import type { Session } from '@/api/types';
import { useDraft } from '@/ui/draft';
import { NewPasswordForm, TextLine } from './lines';

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
  const draft = useDraft('setup', empty);
  // The token is a secret too, so it is no part of the draft.
  const [token, setToken] = useState(() => new URLSearchParams(location.search).get('token') ?? '');
  const { value } = draft;
  const set = (part: Partial<typeof empty>) => draft.set((before) => ({ ...before, ...part }));
  return (
    <NewPasswordForm
      field="password"
      label={t('access.password')}
      help={t('access.password_help')}
      action={t('access.start')}
      size="large"
      ready={[token, value.organisation, value.name, value.login].every(
        (text) => text.trim() !== '',
      )}
      send={async (password) => {
        const session = await setUp({ ...value, token: token.trim(), password, language });
        draft.clear(empty);
        onDone(session);
      }}
    >
      {(errorOf) => (
        <>
          <TextLine
            size="large"
            autoComplete="off"
            label={t('access.token')}
            help={t('access.token_help')}
            value={token}
            onChange={setToken}
            error={errorOf('token')}
          />
          <TextLine
            size="large"
            autoComplete="organization"
            label={t('access.organisation')}
            value={value.organisation}
            onChange={(organisation) => set({ organisation })}
            error={errorOf('organisation')}
          />
          <TextLine
            size="large"
            autoComplete="name"
            label={t('access.your_name')}
            value={value.name}
            onChange={(name) => set({ name })}
            error={errorOf('name')}
          />
          <TextLine
            size="large"
            autoComplete="username"
            label={t('access.login')}
            value={value.login}
            onChange={(login) => set({ login })}
            error={errorOf('login')}
          />
        </>
      )}
    </NewPasswordForm>
  );
}
