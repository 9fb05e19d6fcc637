import { type ComponentType, lazy, Suspense } from 'react';
import type { InputProps } from '../kind';

/** An input that is fetched when somebody first needs it. */
export function lazyInput<Extra extends object>(
  load: () => Promise<ComponentType<InputProps & Extra>>,
  extra: Extra,
): ComponentType<InputProps> {
  const Loaded = lazy(async () => ({ default: await load() }));
  return function LazyInput(props: InputProps) {
    return (
      <Suspense fallback={<span className="input-wait" aria-busy="true" />}>
        <Loaded {...props} {...extra} />
      </Suspense>
    );
  };
}

const inputs = () => import('./inputs');

export const TextInput = lazyInput(() => inputs().then((m) => m.TextInput), {});
export const LongTextInput = lazyInput(() => inputs().then((m) => m.LongTextInput), {});
export const SelectInput = lazyInput(() => inputs().then((m) => m.SelectInput), {
  multiple: false,
});
export const MultiSelectInput = lazyInput(() => inputs().then((m) => m.SelectInput), {
  multiple: true,
});
export const ReferenceInput = lazyInput(() => inputs().then((m) => m.ReferenceInput), {});
export const numberInput = (how: { digits?: number; suffix?: string }) =>
  lazyInput(() => inputs().then((m) => m.NumberInput), how);

/** Fetches the shared inputs ahead of the first edit. */
export function preloadInputs(): void {
  void inputs();
}
