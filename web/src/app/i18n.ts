import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setRequestLanguage } from '@/api/client';
import type { Language } from '@/api/types';

type Texts = Record<string, unknown>;

const loaders: Record<Language, () => Promise<{ default: Texts }>> = {
  'zh-CN': () => import('@/locales/zh-CN'),
  'zh-TW': () => import('@/locales/zh-TW'),
  en: () => import('@/locales/en'),
};

export const languages: { value: Language; label: string }[] = [
  { value: 'zh-CN', label: '简体中文' },
  { value: 'zh-TW', label: '繁體中文' },
  { value: 'en', label: 'English' },
];

const keptKey = 'kehai.language';

/** The language before anybody has signed in: the last one used here, else the browser's. */
export function guessLanguage(): Language {
  const kept = localStorage.getItem(keptKey);
  if (kept && kept in loaders) return kept as Language;
  for (const wanted of navigator.languages ?? []) {
    if (/^zh-(tw|hk|mo|hant)/i.test(wanted)) return 'zh-TW';
    if (/^zh/i.test(wanted)) return 'zh-CN';
    if (/^en/i.test(wanted)) return 'en';
  }
  return 'zh-CN';
}

export async function applyLanguage(language: Language): Promise<void> {
  setRequestLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(keptKey, language);
  if (!i18next.hasResourceBundle(language, 'translation')) {
    const texts = await loaders[language]();
    i18next.addResourceBundle(language, 'translation', texts.default);
  }
  await i18next.changeLanguage(language);
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: undefined,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  // The name of a kind of record inside an English sentence; Chinese knows no such thing.
  i18next.services.formatter?.add('lower', (value: string, language) =>
    language?.startsWith('en') ? value.charAt(0).toLowerCase() + value.slice(1) : value,
  );
  await applyLanguage(guessLanguage());
}
