import { type ComponentType, Suspense, useSyncExternalStore } from 'react';

/**
 * A question that any code can ask and that one dialog answers, wherever the person is: `ask` shows
 * it, `ask(null)` takes it away, `close` only when no other has come in its place, `Host` stands
 * once in the shell.
 */
export function makeQuestion<Question>(Dialog: ComponentType<{ question: Question }>) {
  let question: Question | null = null;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const ask = (next: Question | null): void => {
    question = next;
    for (const listener of listeners) listener();
  };
  const close = (answered: Question): void => {
    if (question === answered) ask(null);
  };
  function Host() {
    const open = useSyncExternalStore(subscribe, () => question);
    return open ? (
      <Suspense fallback={null}>
        <Dialog question={open} />
      </Suspense>
    ) : null;
  }
  return { ask, close, Host };
}
