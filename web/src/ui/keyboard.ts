import { useEffect, useRef } from 'react';

type KeyLike = {
  key: string;
  keyCode?: number;
  isComposing?: boolean;
  nativeEvent?: { isComposing?: boolean; keyCode?: number };
};

/**
 * True while an input method is composing. Enter and Escape then belong to the candidate list; a
 * screen that reacts to them would save half a word. 229 is what browsers report in that state when
 * they do not set `isComposing` (Safari sends the closing Enter after the composition has ended).
 */
export function isComposing(event: KeyLike): boolean {
  const native = event.nativeEvent ?? event;
  return native.isComposing === true || native.keyCode === 229;
}

/** Enter that was meant as Enter. */
export function isCommit(event: KeyLike): boolean {
  return event.key === 'Enter' && !isComposing(event);
}

/** Ctrl+Enter, on Apple ⌘+Enter: sends what is written in several lines. */
export function isSubmit(event: KeyLike & { ctrlKey: boolean; metaKey: boolean }): boolean {
  return isCommit(event) && (event.ctrlKey || event.metaKey);
}

/** Escape that was meant as Escape. */
export function isCancel(event: KeyLike): boolean {
  return event.key === 'Escape' && !isComposing(event);
}

/** True when keys belong to what has the focus, so that single letters are not shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  const role = target.getAttribute('role');
  if (role === 'combobox' || role === 'textbox' || role === 'searchbox') return true;
  if (target instanceof HTMLInputElement) {
    return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** A dialog is open above the page; the page's shortcuts rest. */
function isCovered(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"], [cmdk-dialog]') !== null;
}

export const isMac =
  typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.userAgent);

export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

/**
 * Shortcuts of a screen. Keys are `c`, `/`, `?`, `mod+k` (Ctrl, on Apple ⌘) or a sequence such as
 * `g a`. Single letters are ignored while somebody types, composes or has a dialog open.
 */
export function useShortcuts(shortcuts: Shortcuts, enabled = true): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    if (!enabled) return;
    let pending = '';
    let pendingSince = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event)) return;
      const table = latest.current;
      const mod = isMac ? event.metaKey : event.ctrlKey;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (mod && !event.altKey) {
        const run = table[`mod+${key}`];
        if (run) {
          event.preventDefault();
          run(event);
        }
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isCovered()) return;
      if (pending && event.timeStamp - pendingSince < 1200) {
        const run = table[`${pending} ${key}`];
        pending = '';
        if (run) {
          event.preventDefault();
          run(event);
          return;
        }
      }
      pending = '';
      if (Object.keys(table).some((name) => name.startsWith(`${key} `))) {
        pending = key;
        pendingSince = event.timeStamp;
        return;
      }
      const run = table[key];
      if (run) {
        event.preventDefault();
        run(event);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [enabled]);
}
