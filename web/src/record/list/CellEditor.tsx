import { type KeyboardEvent, useRef, useState } from 'react';
import { isProblem, withLabel } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { isCancel, isComposing } from '@/ui/keyboard';
import { kindOf } from '../fields/registry';
import { referenceText } from '../fields/shared/references';
import type { Save } from '../useSave';

/** A masked value is not the value: editing starts from nothing instead of from the stars. */
export function startValue(record: RecordData, name: string, masked: boolean | undefined): unknown {
  const value = record[name] ?? null;
  return masked && typeof value === 'string' && value.includes('*') ? null : value;
}

/**
 * The editor of one value, in a grid cell or on a record page. It stays open with what was typed
 * until the server has taken it.
 */
export function CellEditor({
  object,
  record,
  name,
  save,
  onClose,
}: {
  object: ObjectMeta;
  record: RecordData;
  name: string;
  save: Save;
  onClose: (move?: 'down' | 'right' | 'left') => void;
}) {
  const field = object.fields.find((candidate) => candidate.name === name);
  const [value, setValue] = useState<unknown>(() => startValue(record, name, field?.masked));
  const [display, setDisplay] = useState<string | undefined>();
  const [error, setError] = useState<string | null>(null);
  const busy = useRef(false);
  const touched = useRef(false);
  if (!field) return null;
  const kind = kindOf(field);
  const { Input } = kind;
  if (!Input) return null;

  const commit = async (
    next: unknown,
    text: string | undefined,
    move?: 'down' | 'right' | 'left',
  ) => {
    if (busy.current) return;
    if (!touched.current || next === (record[name] ?? null)) return onClose(move);
    busy.current = true;
    try {
      await save(record, { [name]: next }, { [name]: text });
      onClose(move);
    } catch (problem) {
      const reason = isProblem(problem) ? problem.fieldMessage(name) : null;
      setError(reason ? withLabel(field.label, reason) : (problem as Error).message);
    } finally {
      busy.current = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (isCancel(event)) {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Enter' && !kind.instant) {
      if (kind.multiline && !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      void commit(value, display, 'down');
    } else if (event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      void commit(value, display, event.shiftKey ? 'left' : 'right');
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what bubbles up
    <div
      className="grid-editor"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (kind.instant || event.currentTarget.contains(event.relatedTarget)) return;
        if (error === null) void commit(value, display);
      }}
    >
      <Input
        field={field}
        value={value}
        display={display ?? referenceText(field, record)}
        label={field.label}
        autoFocus
        invalid={error !== null}
        onChange={(next, text) => {
          touched.current = true;
          setValue(next);
          setDisplay(text);
          setError(null);
          if (kind.instant) void commit(next, text);
        }}
      />
      {error && (
        <div className="grid-editor-error" role="alert">
          {error}
        </div>
      )}
    </div>
  );
}
