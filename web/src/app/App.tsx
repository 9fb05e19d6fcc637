import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Button, ConfigProvider } from 'antd';
import type { Locale } from 'antd/es/locale';
import { CloudOff, LoaderCircle } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setSessionLostListener } from '@/api/client';
import { metaQuery } from '@/api/meta';
import { isProblem, OfflineError } from '@/api/problem';
import { sessionQuery, updateSession } from '@/api/session';
import type { Language, Session, ThemeChoice } from '@/api/types';
import { AccessPage } from '@/platform/access/AccessPage';
import { ConflictHost } from '@/record/conflict';
import { Mark } from '@/ui/Brand';
import { Bones, Empty } from '@/ui/basics';
import { FormatProvider } from '@/ui/format';
import { showToast, Toasts } from '@/ui/toast';
import { useMedia } from '@/ui/useMedia';
import { applyLanguage, languages } from './i18n';
import { PreferencesProvider } from './preferences';
import { router } from './router';
import { keepTheme, keptTheme, makeTheme } from './theme';

const SignInForm = lazy(() => import('@/platform/access/SignIn'));
const SignInAgain = lazy(() => import('@/platform/access/SignInAgain'));
const SetUpForm = lazy(() => import('@/platform/access/SetUp'));

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => !isProblem(error) && count < 2,
    },
  },
});

const antdLocales: Record<string, () => Promise<{ default: Locale }>> = {
  'zh-CN': () => import('antd/es/locale/zh_CN'),
  'zh-TW': () => import('antd/es/locale/zh_TW'),
  en: () => import('antd/es/locale/en_US'),
};

function useAntdLocale(language: string): Locale | undefined {
  const [locale, setLocale] = useState<Locale | undefined>();
  useEffect(() => {
    let current = true;
    void antdLocales[language]?.().then((module) => {
      if (current) setLocale(module.default);
    });
    return () => {
      current = false;
    };
  }, [language]);
  return locale;
}

function Splash() {
  return (
    <div className="splash">
      <Mark size={44} />
    </div>
  );
}

function Gate({
  theme,
  dark,
  onTheme,
}: {
  theme: ThemeChoice;
  dark: boolean;
  onTheme: (theme: ThemeChoice) => void;
}) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { data: state, error, refetch } = useQuery(sessionQuery);
  const [lost, setLost] = useState(false);
  const session = state?.session ?? null;
  const language = session?.user.language;

  useEffect(() => setSessionLostListener(() => setLost(true)), []);
  useEffect(() => {
    if (language && language !== i18n.language) void applyLanguage(language);
  }, [language, i18n.language]);
  useEffect(() => {
    if (session && session.user.theme !== theme) onTheme(session.user.theme);
  }, [session, theme, onTheme]);

  const adopt = useCallback(
    (next: Session) => {
      setLost(false);
      client.setQueryData(sessionQuery.queryKey, { kind: 'signed_in', session: next });
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
    [client],
  );
  const ready = session !== null && language === i18n.language;
  const meta = useQuery({ ...metaQuery(language ?? 'zh-CN'), enabled: ready });
  const preferences = useMemo(() => {
    const change = async (part: { language?: Language; theme?: ThemeChoice }) => {
      try {
        const next = await updateSession(part);
        if (part.language) await applyLanguage(part.language);
        client.setQueryData(sessionQuery.queryKey, { kind: 'signed_in', session: next });
        if (part.theme) onTheme(part.theme);
      } catch (failure) {
        showToast({ kind: 'error', text: (failure as Error).message });
      }
    };
    return {
      dark,
      setLanguage: (next: Language) => void change({ language: next }),
      setTheme: (next: ThemeChoice) => void change({ theme: next }),
    };
  }, [client, dark, onTheme]);

  const failure = error ?? meta.error;
  if (failure && !(isProblem(failure) && failure.status === 401)) {
    const offline = failure instanceof OfflineError;
    return (
      <main className="splash">
        <Empty
          icon={<CloudOff size={26} />}
          title={t('error.no_server_title')}
          text={offline ? t('error.no_server_text') : failure.message}
        >
          <Button type="primary" onClick={() => (error ? refetch() : meta.refetch())}>
            {t('common.retry')}
          </Button>
        </Empty>
      </main>
    );
  }
  if (state?.kind === 'signed_out' || state?.kind === 'setup_required') {
    const setup = state.kind === 'setup_required';
    return (
      <AccessPage
        title={setup ? t('access.setup_title') : t('access.sign_in')}
        text={setup ? t('access.setup_text') : t('access.sign_in_text')}
        languages={languages}
        onLanguage={(next) => void applyLanguage(next as Language)}
      >
        <Suspense fallback={<Bones rows={4} />}>
          {setup ? (
            <SetUpForm
              language={i18n.language}
              onDone={(next) => {
                // The address with the used token is of no more use.
                router.history.replace('/');
                adopt(next);
              }}
            />
          ) : (
            <SignInForm onSignedIn={adopt} />
          )}
        </Suspense>
      </AccessPage>
    );
  }
  if (!ready || !session || !meta.data) return <Splash />;
  return (
    <FormatProvider
      settings={{
        language: i18n.language,
        timeZone: session.organisation.time_zone,
        currency: session.organisation.currency,
      }}
    >
      <PreferencesProvider value={preferences}>
        <RouterProvider router={router} />
        <ConflictHost />
      </PreferencesProvider>
      {lost && (
        <Suspense fallback={null}>
          <SignInAgain
            login={session.user.login}
            onDone={() => void refetch().then(() => setLost(false))}
          />
        </Suspense>
      )}
    </FormatProvider>
  );
}

// The name of a button stays what it says while it works.
const loadingIcon = <LoaderCircle className="spin" size={14} aria-hidden="true" />;

/** The composition of the whole: data, language, look, session, pages. */
export function App() {
  const { i18n } = useTranslation();
  const [theme, setTheme] = useState<ThemeChoice>(keptTheme);
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const dark = theme === 'dark' || (theme === 'system' && systemDark);
  const locale = useAntdLocale(i18n.language);
  const antdTheme = useMemo(() => makeTheme(dark), [dark]);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  const chooseTheme = useCallback((next: ThemeChoice) => {
    keepTheme(next);
    setTheme(next);
  }, []);
  return (
    <ConfigProvider
      theme={antdTheme}
      locale={locale}
      button={{ autoInsertSpace: false, loadingIcon }}
      form={{ validateMessages: {} }}
    >
      <QueryClientProvider client={queryClient}>
        <Gate theme={theme} dark={dark} onTheme={chooseTheme} />
        <Toasts />
      </QueryClientProvider>
    </ConfigProvider>
  );
}
