import { createContext, type ReactNode, useContext } from 'react';
import type { Language, ThemeChoice } from '@/api/types';

/** Changes of the user's own settings that the whole page must follow. */
export interface Preferences {
  /** Whether the dark look is on now. */
  dark: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: ThemeChoice) => void;
}

const PreferencesContext = createContext<Preferences | null>(null);

export function PreferencesProvider({
  value,
  children,
}: {
  value: Preferences;
  children: ReactNode;
}) {
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (!preferences) throw new Error('usePreferences outside of PreferencesProvider');
  return preferences;
}
