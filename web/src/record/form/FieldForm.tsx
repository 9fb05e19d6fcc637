import { type ComponentType, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldError, FieldMeta } from '@/api/types';
import { complaintAbout } from '../fields/complaint';
import type { InputProps } from '../fields/kind';
import { kindOf } from '../fields/registry';

export type Values = Record<string, unknown>;
export type Displays = Record<string, string | undefined>;

/** Labels, inputs and messages for a list of fields. The state is the caller's. */
export function FieldForm({
  fields,
  values,
  displays = {},
  errors,
  autoFocus,
  columns = 2,
  inputs = {},
  onChange,
}: {
  fields: readonly FieldMeta[];
  values: Values;
  displays?: Displays;
  errors: readonly FieldError[];
  autoFocus?: boolean;
  columns?: 1 | 2;
  /** Inputs of the caller's own, by the name of the field. */
  inputs?: Record<string, ComponentType<InputProps>>;
  onChange: (name: string, value: unknown, display?: string) => void;
}) {
  const { t } = useTranslation();
  const form = useId();
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <div className="field-form" data-columns={columns}>
      {fields.map((field, at) => {
        const kind = kindOf(field);
        const Input = inputs[field.name] ?? kind.Input;
        if (!Input) return null;
        const id = `${form}-${field.name}`;
        const error = errors.find((entry) => entry.field === field.name);
        const complaint = complaintAbout(field, values[field.name]);
        // Half a number is no mistake while somebody writes it; a text only gets longer.
        const isSaid = complaint && (typing !== field.name || complaint.key === 'field.too_long');
        const wrong =
          error?.message ?? (isSaid ? t(complaint.key, { limit: complaint.limit }) : undefined);
        const help = wrong ?? field.help;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what bubbles up
          <div
            key={field.name}
            className="field-line"
            data-wide={kind.multiline || undefined}
            data-error={wrong ? true : undefined}
            onFocus={() => setTyping(field.name)}
            onBlur={() => setTyping(null)}
          >
            <label htmlFor={id}>
              {field.label}
              {field.required && (
                <span className="required" title={t('field.required')}>
                  *
                </span>
              )}
            </label>
            <Input
              id={id}
              field={field}
              value={values[field.name] ?? null}
              display={displays[field.name]}
              autoFocus={autoFocus && at === 0 && !kind.instant}
              invalid={wrong !== undefined}
              describedBy={help ? `${id}-help` : undefined}
              others={values}
              onChange={(value, display) => onChange(field.name, value, display)}
            />
            {help && (
              <p id={`${id}-help`} className="field-help" role={wrong ? 'alert' : undefined}>
                {help}
              </p>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** The required fields that are still empty, as the errors that the server would send. */
export function missingFields(
  fields: readonly FieldMeta[],
  values: Values,
  message: (field: FieldMeta) => string,
): FieldError[] {
  return fields
    .filter((field) => {
      const value = values[field.name];
      return (
        field.required &&
        (value === null ||
          value === undefined ||
          value === '' ||
          (Array.isArray(value) && value.length === 0))
      );
    })
    .map((field) => ({ field: field.name, code: 'field.required', message: message(field) }));
}
