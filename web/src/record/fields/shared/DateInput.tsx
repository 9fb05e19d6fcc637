import { DatePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import 'dayjs/locale/zh-cn';
import 'dayjs/locale/zh-tw';
import { useEffect } from 'react';
import { useFormat } from '@/ui/format';
import type { InputProps } from '../kind';

/**
 * A date or an instant. The picker works on plain wall times of the organisation's zone; only the
 * conversion at the edge knows about zones.
 */
export default function DateInput(props: InputProps & { withTime?: boolean }) {
  const format = useFormat();
  const { withTime } = props;
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
  return (
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
  );
}
