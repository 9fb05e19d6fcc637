import { type ComponentType, lazy, Suspense } from 'react';
import type { InputProps } from '../kind';

/** An input that is fetched when somebody first needs it. */
export function lazyInput<Extra extends object>(
  load: () => Promise<{ default: ComponentType<InputProps & Extra> }>,
  extra: Extra,
): ComponentType<InputProps> {
  const Loaded = lazy(load);
  return function LazyInput(props: InputProps) {
    return (
      <Suspense fallback={<span className="input-wait" />}>
        <Loaded {...props} {...extra} />
      </Suspense>
    );
  };
}
