import { lazy, Suspense } from 'react';
import { looksMarked } from './looksMarked';

const load = () => import('./Rendered');
const Rendered = lazy(load);

/** Fetches the code for a text that is about to be shown, so that nothing moves when it is. */
export async function prepareMarkdown(text: string): Promise<void> {
  if (!looksMarked(text)) return;
  // Without it the text is shown as it was typed.
  await load().catch(() => undefined);
}

/** A note as people typed it. What they marked up (Markdown) is shown as such; the code for it is loaded only then. */
export function Markdown({ text }: { text: string }) {
  const plain = <p>{text}</p>;
  if (!looksMarked(text)) return plain;
  return (
    <Suspense fallback={plain}>
      <Rendered text={text} />
    </Suspense>
  );
}
