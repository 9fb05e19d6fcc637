import type { InputProps } from '../kind';
import { FilePicker } from './FilePicker';
import { useFiles } from './useFiles';

/** Files in a form. */
export default function FileInput({
  id,
  field,
  value,
  onChange,
  invalid,
  describedBy,
  label,
}: InputProps) {
  const files = useFiles(field, value, (next) =>
    onChange(field.multiple ? next : (next[0] ?? null)),
  );
  return (
    <div {...files.target}>
      <FilePicker
        files={files}
        id={id}
        label={label ?? field.label}
        invalid={invalid}
        describedBy={describedBy}
      />
    </div>
  );
}
