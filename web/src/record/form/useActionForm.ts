import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { FieldError, FieldMeta } from '@/api/types';
import { type Displays, missingFields, type Values } from './FieldForm';

/** What a dialog of an action keeps: what was typed, what is wrong with it, and whether it is on its way. */
export function useActionForm(fields: readonly FieldMeta[]) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(fields.map((field) => [field.name, field.default ?? null])),
  );
  const [displays, setDisplays] = useState<Displays>({});
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const clearError = (name: string) =>
    setErrors((before) => before.filter((entry) => entry.field !== name));

  /** Runs `send` when nothing of `shown` is missing; `more` is what the dialog itself found wrong. */
  const submit = async (
    shown: readonly FieldMeta[],
    send: () => Promise<void>,
    more: readonly FieldError[] = [],
  ) => {
    const wrong = [
      ...missingFields(shown, values, (field) => t('field.please_fill', { field: field.label })),
      ...more,
    ];
    setErrors(wrong);
    setMessage(null);
    if (wrong.length > 0) return;
    setBusy(true);
    try {
      await send();
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return {
    values,
    errors,
    message,
    busy,
    clearError,
    submit,
    /** Properties of the form that shows the fields. */
    inputs: {
      values,
      displays,
      errors,
      onChange: (name: string, value: unknown, display?: string) => {
        setValues((before) => ({ ...before, [name]: value }));
        setDisplays((before) => ({ ...before, [name]: display }));
        clearError(name);
      },
    },
  };
}
