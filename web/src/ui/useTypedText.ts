import {
  type ChangeEvent,
  type CompositionEvent,
  type KeyboardEvent,
  useEffect,
  useRef,
  useState,
} from 'react';
import { isCommit } from './keyboard';

/**
 * A box whose text is asked for a moment after the last key, and never while an input method composes: half a syllable is
 * no word. `box` goes to the input.
 */
export function useTypedText(value: string, onText: (text: string) => void, pause: number) {
  const [text, setText] = useState(value);
  const [composes, setComposes] = useState(false);
  const asked = useRef(value);
  const ask = useRef((_: string) => {});
  ask.current = (next) => {
    asked.current = next;
    onText(next);
  };
  useEffect(() => {
    // An echo of what was asked for takes nothing away that has been typed since.
    if (value !== asked.current) setText(value);
    asked.current = value;
  }, [value]);
  useEffect(() => {
    if (composes || text === value) return;
    const timer = window.setTimeout(() => ask.current(text), pause);
    return () => window.clearTimeout(timer);
  }, [text, value, composes, pause]);
  const box = {
    value: text,
    onChange: (event: ChangeEvent<HTMLInputElement>) => setText(event.target.value),
    onCompositionStart: () => setComposes(true),
    onCompositionEnd: (event: CompositionEvent<HTMLInputElement>) => {
      setComposes(false);
      setText(event.currentTarget.value);
    },
    onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
      if (isCommit(event)) ask.current(text);
    },
  };
  return { text, setText, box };
}
