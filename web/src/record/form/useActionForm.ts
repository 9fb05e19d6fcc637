import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ActionMeta, FieldError, FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useDraft } from '@/ui/draft';
import { type Displays, missingFields, type Values } from './FieldForm';

/** Under which key the tab keeps what was typed into the dialog of an action about these records. */
export function actionDraft(
  object: ObjectMeta,
  action: ActionMeta,
  records: readonly RecordData[],
): string {
  return `action.${object.name}.${action.name}.${records.map(({ id }) => id).join('-')}`;
}

/** What the inputs begin with that ask for a value which the one record has already: it is confirmed or changed. */
export function ownValues(
  object: ObjectMeta,
  fields: readonly FieldMeta[],
  records: readonly RecordData[],
): Values {
  if (records.length !== 1) return {};
  const [record] = records;
  const own = fields.filter(({ name, type, target }) =>
    object.fields.some(
      (field) =>
        field.name === name && field.type === type && target === undefined && !field.read_only,
    ),
  );
  return Object.fromEntries(own.map(({ name }) => [name, record[name] ?? null]));
}

/**
 * What a dialog of an action keeps: what was typed, what is wrong with it, and whether it is on its way. What was typed
 * outlives the dialog, until it has been sent or thrown away. `begun`: what the inputs begin with.
 */
export function useActionForm(fields: readonly FieldMeta[], draftKey: string, begun: Values = {}) {
  const { t } = useTranslation();
  const fresh = (): { values: Values; displays: Displays } => ({
    values: Object.fromEntries(
      fields.map((field) => [field.name, begun[field.name] ?? field.default ?? null]),
    ),
    displays: {},
  });
  const draft = useDraft(draftKey, fresh());
  const { values, displays } = draft.value;
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
    /** What was typed before is there again. */
    restored: draft.restored,
    startOver: () => {
      draft.clear(fresh());
      setErrors([]);
      setMessage(null);
    },
    /** It has been sent: nothing is left to keep. */
    forget: () => draft.clear(fresh()),
    /** Properties of the form that shows the fields. */
    inputs: {
      values,
      displays,
      errors,
      onChange: (name: string, value: unknown, display?: string) => {
        draft.set((before) => ({
          values: { ...before.values, [name]: value },
          displays: { ...before.displays, [name]: display },
        }));
        clearError(name);
      },
    },
  };
}
