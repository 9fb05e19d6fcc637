import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CellProps, FieldKind, InputProps } from '../kind';

function BooleanCell({ value }: CellProps) {
  const { t } = useTranslation();
  if (value === false) return <span className="muted">{t('common.no')}</span>;
  if (value !== true) return null;
  return <Check size={15} role="img" aria-label={t('common.yes')} color="var(--good)" />;
}

function BooleanInput(props: InputProps) {
  return (
    <span className="line" style={{ height: 30 }}>
      <input
        id={props.id}
        type="checkbox"
        checked={props.value === true}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        autoFocus={props.autoFocus}
        onChange={(event) => props.onChange(event.target.checked)}
      />
    </span>
  );
}

const yes = new Set(['是', 'y', 'yes', 'true', '1', '√']);
const no = new Set(['否', 'n', 'no', 'false', '0', '']);

export const kind: FieldKind = {
  Cell: BooleanCell,
  Input: BooleanInput,
  align: 'start',
  width: 80,
  operators: ['is_true', 'is_false'],
  toText: (value) => (value === true ? '✓' : ''),
  fromText: (text) => {
    const clean = text.trim().toLowerCase();
    if (yes.has(clean)) return { ok: true, value: true };
    return no.has(clean) ? { ok: true, value: false } : { ok: false };
  },
};
