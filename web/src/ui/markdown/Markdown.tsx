import { lazy, Suspense } from 'react';
import { looksMarked } from './looksMarked';

const Rendered = lazy(() => import('./Rendered'));

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
