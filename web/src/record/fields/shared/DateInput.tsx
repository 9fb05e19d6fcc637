import { DatePicker, Input } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import 'dayjs/locale/zh-cn';
import 'dayjs/locale/zh-tw';
import { useEffect, useRef, useState } from 'react';
import { useFormat } from '@/ui/format';
import { isCancel, isCommit } from '@/ui/keyboard';
import type { InputProps } from '../kind';
import { isInstant, parseDate, parseDateTime } from './dates';

type DateProps = InputProps & { withTime?: boolean };

/** Reads what was typed; a text that is no date is handed on as it is. */
function useReader({ withTime }: DateProps) {
  const format = useFormat();
  return (text: string): unknown => {
    const parsed = withTime ? parseDateTime(text, format) : parseDate(text);
    return parsed.ok ? parsed.value : text;
  };
}

function isReadable(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return true;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) || isInstant(value);
}

/**
 * A date or an instant, chosen or typed. What is typed and no date stays as it is, in a plain input,
 * until it is one.
 */
export default function DateInput(props: DateProps) {
  const isText = !isReadable(props.value);
  const [isTyping, setTyping] = useState(isText);
  // Who has gone on elsewhere is not called back.
  const takesFocus = useRef(isText && props.autoFocus === true);
  if (isText && !isTyping) setTyping(true);
  return isTyping ? (
    <TypedDate {...props} autoFocus={takesFocus.current} onDone={() => setTyping(false)} />
  ) : (
    <ChosenDate
      {...props}
      onEnter={() => {
        takesFocus.current = true;
      }}
    />
  );
}

function TypedDate(props: DateProps & { onDone: () => void }) {
  const read = useReader(props);
  const [text, setText] = useState(() => String(props.value ?? ''));
  const settle = () => {
    const value = read(text);
    if (isReadable(value)) props.onDone();
    props.onChange(value);
  };
  return (
    <Input
      id={props.id}
      value={text}
      autoFocus={props.autoFocus}
      status="error"
      placeholder={props.withTime ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD'}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid
      autoComplete="off"
      onChange={(event) => setText(event.target.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (isCommit(event)) settle();
      }}
    />
  );
}

/**
 * The picker works on plain wall times of the organisation's zone; only the conversion at the edge
 * knows about zones. It forgets what it cannot read and a time without its button: what was typed is
 * read here when the person leaves.
 */
function ChosenDate(props: DateProps & { onEnter: () => void }) {
  const format = useFormat();
  const read = useReader(props);
  const { withTime } = props;
  const typed = useRef<string | null>(null);
  useEffect(() => {
    dayjs.locale(format.language === 'en' ? 'en' : format.language.toLowerCase());
  }, [format.language]);

  let value: Dayjs | null = null;
  if (typeof props.value === 'string' && props.value !== '') {
    if (withTime) {
      const wall = format.wallTime(props.value);
      value = dayjs(new Date(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute));
    } else {
      value = dayjs(props.value.slice(0, 10));
    }
  }
  const change = (next: Dayjs | null) => {
    typed.current = null;
    if (!next) return props.onChange(null);
    if (!withTime) return props.onChange(next.format('YYYY-MM-DD'));
    return props.onChange(
      format.instantOf({
        year: next.year(),
        month: next.month() + 1,
        day: next.date(),
        hour: next.hour(),
        minute: next.minute(),
      }),
    );
  };
  const settle = () => {
    if (typed.current === null) return;
    const next = read(typed.current);
    typed.current = null;
    if (next !== (props.value ?? null)) props.onChange(next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what bubbles up
    <div
      onInput={(event) => {
        if (event.target instanceof HTMLInputElement) typed.current = event.target.value;
      }}
      onKeyDownCapture={(event) => {
        if (isCancel(event)) typed.current = null;
        if (!isCommit(event) || typed.current === null || isReadable(read(typed.current))) return;
        props.onEnter();
        settle();
      }}
      onBlur={(event) => {
        if (event.target instanceof HTMLInputElement) settle();
      }}
    >
      <DatePicker
        id={props.id}
        style={{ width: '100%' }}
        value={value}
        showTime={withTime ? { format: 'HH:mm', minuteStep: 5 } : false}
        format={withTime ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD'}
        autoFocus={props.autoFocus}
        defaultOpen={props.autoFocus}
        status={props.invalid ? 'error' : undefined}
        placeholder={props.placeholder}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        onChange={change}
      />
    </div>
  );
}
