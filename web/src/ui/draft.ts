import { useCallback, useEffect, useState } from 'react';

/**
 * What somebody typed, kept in the tab's storage until it was saved: a failed request, an ended
 * session, a reload or a closed panel must not cost a sentence.
 */
const prefix = 'kehai.draft.';

export function readDraft<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(prefix + key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function writeDraft(key: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(prefix + key);
    else sessionStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the draft then lives as long as the screen does.
  }
}

export function useDraft<T>(key: string, initial: T) {
  const [state, setState] = useState<{ key: string; value: T; restored: boolean }>(() => {
    const kept = readDraft<T>(key);
    return { key, value: kept ?? initial, restored: kept !== null };
  });
  let current = state;
  if (state.key !== key) {
    const kept = readDraft<T>(key);
    current = { key, value: kept ?? initial, restored: kept !== null };
    setState(current);
  }
  const [dirty, setDirty] = useState(false);
  useEffect(() => {
    if (dirty) writeDraft(current.key, current.value);
  }, [current, dirty]);

  const set = useCallback((update: T | ((previous: T) => T)) => {
    setDirty(true);
    setState((previous) => ({
      ...previous,
      value: typeof update === 'function' ? (update as (value: T) => T)(previous.value) : update,
    }));
  }, []);
  const clear = useCallback(
    (next: T) => {
      setDirty(false);
      writeDraft(key, null);
      setState({ key, value: next, restored: false });
    },
    [key],
  );
  return { value: current.value, set, clear, restored: current.restored };
}
