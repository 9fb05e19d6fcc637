import { Select } from 'antd';
import { Pill, pillColours } from './basics';

/** A choice among the few colours that states and tags may have. */
export function ColourPicker({
  id,
  value,
  label,
  names,
  disabled,
  onChange,
}: {
  id?: string;
  value: string | null;
  label?: string;
  /** What each colour is called in the reader's language. */
  names: (colour: string) => string;
  disabled?: boolean;
  onChange: (colour: string | null) => void;
}) {
  return (
    <Select<string>
      id={id}
      style={{ width: '100%', minWidth: 96 }}
      aria-label={label}
      value={value ?? 'gray'}
      disabled={disabled}
      options={pillColours.map((colour) => ({
        value: colour,
        label: (
          <Pill color={colour} dot>
            {names(colour)}
          </Pill>
        ),
      }))}
      onChange={(next) => onChange(next ?? null)}
    />
  );
}
