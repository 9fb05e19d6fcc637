import type { ReactNode } from 'react';

export interface FunnelStep {
  key: number;
  label: string;
  value: number;
  valueText: ReactNode;
  /** What comes from the step before, as text; null on the first step. */
  conversion: string | null;
  won: boolean;
}

/**
 * A funnel in one hue, the won step accented, with the conversion between the steps. The numbers are
 * text beside the picture, so the picture itself is hidden from screen readers.
 */
export function Funnel({
  label,
  steps,
  conversionLabel,
}: {
  label: string;
  steps: readonly FunnelStep[];
  conversionLabel: string;
}) {
  const largest = Math.max(1, ...steps.map((step) => step.value));
  const share = (value: number) => Math.max(0.06, value / largest);
  return (
    <ol className="funnel" aria-label={label}>
      {steps.map((step, at) => {
        const top = share(step.value) * 100;
        const bottom = share(steps[at + 1]?.value ?? step.value * 0.86) * 100;
        return (
          <li key={step.key}>
            {step.conversion !== null && (
              <span className="funnel-conversion">
                <span aria-hidden="true">↓ </span>
                <span className="sr-only">{conversionLabel} </span>
                {step.conversion}
              </span>
            )}
            <svg viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
              <polygon
                points={`${50 - top / 2},0 ${50 + top / 2},0 ${50 + bottom / 2},30 ${50 - bottom / 2},30`}
                fill={step.won ? 'var(--green-dot)' : 'var(--funnel)'}
                opacity={step.won ? 1 : 1 - at * 0.14}
              />
            </svg>
            <span className="funnel-label ellipsis">{step.label}</span>
            <span className="funnel-value">{step.valueText}</span>
          </li>
        );
      })}
    </ol>
  );
}
