import { Button, Drawer } from 'antd';
import { type ComponentType, type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '@/api/client';
import { isProblem } from '@/api/problem';
import { createRecord } from '@/api/records';
import type { FieldError, FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import type { InputProps } from '@/record/fields/kind';
import { isEditable } from '@/record/fields/registry';
import { referenceText } from '@/record/fields/shared/references';
import { type Displays, FieldForm, missingFields, type Values } from '@/record/form/FieldForm';
import { useSave } from '@/record/useSave';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { changesOf, useRefresh } from './data';

export interface RecordEditorProps {
  object: ObjectMeta;
  /** Null for a new one. */
  record: RecordData | null;
  title?: string;
  /** The fields in their order; all editable ones when absent. */
  fields?: readonly string[];
  /** Fields that are not in the object (such as a first password) or that differ from it. */
  override?: Record<string, Partial<FieldMeta>>;
  inputs?: Record<string, ComponentType<InputProps>>;
  preset?: Values;
  presetDisplays?: Displays;
  /** The texts of present references that the record does not bring along. */
  texts?: Displays;
  /** How a new one is made, when it is not an ordinary record. */
  create?: (values: Values) => Promise<RecordData | undefined>;
  /** Above the fields. */
  before?: ReactNode;
  onClose: () => void;
  onSaved?: (record: RecordData | undefined) => void;
}

/** The form for one entry of the settings, beside its list. What somebody typed stays until saved. */
export function RecordEditor({
  object,
  record,
  title,
  fields: wanted,
  override,
  inputs,
  preset,
  presetDisplays,
  texts,
  create,
  before: above,
  onClose,
  onSaved,
}: RecordEditorProps) {
  const { t } = useTranslation();
  const save = useSave(object);
  const refresh = useRefresh(object.collection);
  const fields = useMemo(() => {
    const known = new Map(object.fields.map((field) => [field.name, field]));
    const names =
      wanted ?? object.fields.filter((field) => isEditable(field)).map((field) => field.name);
    return names.flatMap((name): FieldMeta[] => {
      const base = known.get(name);
      const change = override?.[name];
      if (!base && !change?.type) return [];
      return [{ ...(base ?? { name, type: 'text', label: name }), ...change } as FieldMeta];
    });
  }, [object, wanted, override]);
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(
      fields.map((field) => [
        field.name,
        record ? (record[field.name] ?? null) : (preset?.[field.name] ?? field.default ?? null),
      ]),
    ),
  );
  const [displays, setDisplays] = useState<Displays>(() =>
    record
      ? {
          ...Object.fromEntries(fields.map((field) => [field.name, referenceText(field, record)])),
          ...texts,
        }
      : { ...presetDisplays },
  );
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(newIdempotencyKey);

  const submit = async () => {
    const missing = missingFields(fields, values, (field) =>
      t('field.please_fill', { field: field.label }),
    );
    setErrors(missing);
    setMessage(missing.length > 0 ? t('form.check_fields') : null);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      let saved: RecordData | undefined;
      if (record) {
        const change = changesOf(record, values);
        if (Object.keys(change).length > 0) await save(record, change, displays);
      } else {
        const given = {
          ...preset,
          ...Object.fromEntries(
            Object.entries(values).filter(([, value]) => value !== null && value !== ''),
          ),
        };
        saved = create ? await create(given) : await createRecord(object.collection, given, key);
        showToast({ kind: 'success', text: t('record.created', { object: object.label }) });
      }
      await refresh();
      onSaved?.(saved);
      onClose();
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
      setKey(newIdempotencyKey());
    } finally {
      setBusy(false);
    }
  };
  const name = record ? String(record[object.title_field] || object.label) : '';
  return (
    <Drawer
      open
      size={480}
      title={title ?? (record ? name : t('record.new', { object: object.label }))}
      onClose={onClose}
      mask={{ closable: false }}
      footer={
        <div className="line form-buttons">
          <span className="grow" />
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" loading={busy} onClick={submit}>
            {t('common.save')}
          </Button>
        </div>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {above}
        {message && <Notice kind="error">{message}</Notice>}
        <FieldForm
          fields={fields}
          values={values}
          displays={displays}
          errors={errors}
          columns={1}
          inputs={inputs}
          autoFocus={record === null}
          onChange={(field, value, display) => {
            setValues((before) => ({ ...before, [field]: value }));
            setDisplays((before) => ({ ...before, [field]: display }));
            setErrors((before) => before.filter((entry) => entry.field !== field));
          }}
        />
        <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
      </form>
    </Drawer>
  );
}
