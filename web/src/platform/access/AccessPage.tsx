import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '@/ui/Brand';

/** The frame of the pages before somebody is signed in. */
export function AccessPage({
  title,
  text,
  languages,
  onLanguage,
  children,
}: {
  title: string;
  text?: string;
  languages: { value: string; label: string }[];
  onLanguage: (language: string) => void;
  children: ReactNode;
}) {
  const { t, i18n } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('shell.product')}`;
  }, [title, t]);
  return (
    <div className="access">
      <main className="access-box">
        <div className="access-brand">
          <Mark size={40} />
          <span>{t('shell.product')}</span>
        </div>
        <h1>{title}</h1>
        {text && <p className="muted access-text">{text}</p>}
        {children}
      </main>
      <footer className="access-languages">
        {languages.map((language) => (
          <button
            key={language.value}
            type="button"
            className="link-button"
            lang={language.value}
            aria-pressed={i18n.language === language.value}
            onClick={() => onLanguage(language.value)}
          >
            {language.label}
          </button>
        ))}
      </footer>
    </div>
  );
}
