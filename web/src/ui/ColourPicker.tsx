import { Select } from 'antd';
import { Pill } from './basics';
import { tokenColor } from './colors';

/** In the order in which they are offered; the server calls grey `gray`. */
const colours = ['gray', 'blue', 'cyan', 'green', 'gold', 'orange', 'red', 'purple'];

function known(colour: string | null): string {
  const token = tokenColor(colour);
  return token === 'grey' ? 'gray' : token;
}

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
      value={known(value)}
      disabled={disabled}
      options={colours.map((colour) => ({
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
