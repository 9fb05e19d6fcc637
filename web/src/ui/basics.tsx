import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { tokenColor } from './colors';

/** A short state in its colour. The dot keeps it readable for people who do not see the colour. */
export function Pill({
  color,
  dot = false,
  children,
}: {
  color?: string | null;
  dot?: boolean;
  children: ReactNode;
}) {
  return (
    <span className="pill" data-color={tokenColor(color)}>
      {dot && <span className="dot" />}
      <span className="pill-text">{children}</span>
    </span>
  );
}

// White text reaches 4.5:1 on each of these.
const avatarColors = ['#3457d5', '#7044b8', '#a34d05', '#aa2a5b', '#0f6e5c', '#2b6a9b', '#8a3ab9'];

export function Avatar({ name, size = 20 }: { name: string; size?: number }) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const letter = [...name][0] ?? '?';
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{
        width: size,
        height: size,
        fontSize: Math.max(12, Math.round(size * 0.48)),
        background: avatarColors[sum % avatarColors.length],
      }}
    >
      {letter}
    </span>
  );
}

export function Person({ name, size }: { name: string; size?: number }) {
  return (
    <span className="line" style={{ gap: 6 }}>
      <Avatar name={name} size={size} />
      <span className="ellipsis">{name}</span>
    </span>
  );
}

export interface Tab<Key extends string> {
  key: Key;
  label: ReactNode;
}

/** A few choices side by side; each is a button so that the keyboard reaches it. */
export function Tabs<Key extends string>({
  label,
  items,
  value,
  onChange,
}: {
  label: string;
  items: readonly Tab<Key>[];
  value: Key;
  onChange: (key: Key) => void;
}) {
  return (
    <div className="tabs" role="group" aria-label={label}>
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          aria-pressed={item.key === value}
          onClick={() => onChange(item.key)}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

/** What a list shows when there is nothing to show: a reason and one thing to do. */
export function Empty({
  icon,
  title,
  text,
  isPage = false,
  children,
}: {
  icon: ReactNode;
  title: string;
  text?: string;
  /** It stands in place of a whole page: its title is the page's. */
  isPage?: boolean;
  children?: ReactNode;
}) {
  return (
    <div className="empty">
      <div className="empty-picture" aria-hidden="true">
        {icon}
      </div>
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {text && <p>{text}</p>}
      {children && <div className="empty-actions">{children}</div>}
    </div>
  );
}

/** A part of a page under its own heading; `note` stands at the end of the heading. */
export function Card({
  title,
  note,
  children,
  className = '',
}: {
  title: string;
  note?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`card ${className}`} aria-label={title}>
      <div className="card-head">
        <h2 className="grow">{title}</h2>
        {note}
      </div>
      <div className="card-body">{children}</div>
    </section>
  );
}

export function Bones({ rows, widths = [70, 45, 85] }: { rows: number; widths?: number[] }) {
  return (
    <div className="stack" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          key={index}
          className="bone"
          style={{ width: `${widths[index % widths.length]}%` }}
        />
      ))}
    </div>
  );
}

export function Notice({
  kind = 'info',
  children,
}: {
  kind?: 'info' | 'error' | 'warn' | 'success';
  children: ReactNode;
}) {
  const Sign = kind === 'info' ? Info : kind === 'success' ? CircleCheck : CircleAlert;
  return (
    <div className="notice" data-kind={kind} role={kind === 'error' ? 'alert' : 'status'}>
      <Sign size={16} aria-hidden="true" />
      <div className="grow">{children}</div>
    </div>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="kbd">{children}</kbd>;
}
