import { type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';

export interface Bar {
  key: string;
  label: string;
  value: number;
  /** The full text of the bar, for the tooltip and the table behind the picture. */
  text: string;
  accent?: boolean;
}

/** A round number above the largest value, with few digits. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 2.5, 4, 5, 8, 10]) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

/** Between the numbers of the scale and the columns. */
const gap = 10;
/** What a number takes before it has been measured. */
const usual = 48;

/** How wide the longest text of a group is, in units of the drawing; `words` are all of its texts. */
function useLongest(group: RefObject<SVGGElement | null>, words: string): number {
  const [longest, setLongest] = useState(usual);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts are what is measured
  useLayoutEffect(() => {
    const texts = [...(group.current?.querySelectorAll('text') ?? [])];
    const widths = texts.map((text) => text.getComputedTextLength?.() ?? 0);
    const widest = Math.ceil(Math.max(0, ...widths));
    if (widest > 0) setLongest(widest);
  }, [group, words]);
  return longest;
}

/** Columns over time. The same numbers are in a table that only screen readers get. */
export function Bars({
  label,
  bars,
  axis,
  headings,
  width = 640,
  height = 220,
}: {
  label: string;
  bars: readonly Bar[];
  axis: (value: number) => string;
  headings: [string, string];
  /** Width of the drawing in its own units; text keeps its size, so phones take a narrow one. */
  width?: number;
  height?: number;
}) {
  const title = useId();
  const top = ceiling(Math.max(...bars.map((bar) => bar.value), 0));
  const lines = [0, 0.25, 0.5, 0.75, 1];
  const scale = useRef<SVGGElement>(null);
  const words = lines.map((share) => axis(top * share)).join('\n');
  const longest = useLongest(scale, words);
  const left = longest + gap;
  const base = height - 24;
  const plot = base - 12;
  const slot = (width - left) / Math.max(1, bars.length);
  const thick = Math.min(28, slot * 0.56);
  return (
    <figure className="bars">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={title}>
        <title id={title}>{label}</title>
        <g ref={scale}>
          {lines.map((share) => {
            const y = base - share * plot;
            return (
              <g key={share}>
                <line x1={left} x2={width} y1={y} y2={y} className="bars-line" />
                <text x={longest} y={y + 4} textAnchor="end" className="bars-text">
                  {axis(top * share)}
                </text>
              </g>
            );
          })}
        </g>
        {bars.map((bar, at) => {
          const tall = Math.max(bar.value > 0 ? 2 : 0, (bar.value / top) * plot);
          const x = left + at * slot + (slot - thick) / 2;
          return (
            <g key={bar.key}>
              <rect
                x={x}
                y={base - tall}
                width={thick}
                height={tall}
                rx={3}
                className={bar.accent ? 'bars-bar bars-accent' : 'bars-bar'}
              >
                <title>{`${bar.label}: ${bar.text}`}</title>
              </rect>
              <text x={x + thick / 2} y={height - 6} textAnchor="middle" className="bars-text">
                {bar.label}
              </text>
            </g>
          );
        })}
      </svg>
      <table className="sr-only">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{headings[0]}</th>
            <th scope="col">{headings[1]}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.key}>
              <th scope="row">{bar.label}</th>
              <td>{bar.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
