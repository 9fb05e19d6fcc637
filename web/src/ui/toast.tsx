import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import { useSyncExternalStore } from 'react';

/** Short messages at the foot of the window; an action (such as undo) may come with one. */
export interface Toast {
  id: number;
  kind: 'success' | 'error' | 'info';
  text: string;
  action?: { label: string; run: () => void };
  /** What it is about: a later message about the same takes its place, so that no old undo is left. */
  about?: string;
}

let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismissToast(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

export function showToast(toast: Omit<Toast, 'id'>): void {
  const id = nextId++;
  const others = toasts.filter(({ about }) => about === undefined || about !== toast.about);
  publish([...others.slice(-2), { ...toast, id }]);
  window.setTimeout(() => dismissToast(id), toast.action || toast.kind === 'error' ? 7000 : 3500);
}

const signs = { success: CircleCheck, error: CircleAlert, info: Info };

export function Toasts() {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {current.map((toast) => {
        const Sign = signs[toast.kind];
        return (
          <div key={toast.id} className="toast" data-kind={toast.kind}>
            <Sign size={16} aria-hidden="true" />
            <span>{toast.text}</span>
            {toast.action && (
              <button
                type="button"
                onClick={() => {
                  dismissToast(toast.id);
                  toast.action?.run();
                }}
              >
                {toast.action.label}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}
