import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem, withLabel } from '@/api/problem';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import type { GridMove } from '@/ui/grid/types';
import { isCancel, isComposing } from '@/ui/keyboard';
import { showToast } from '@/ui/toast';
import { complaintAbout } from '../fields/complaint';
import { kindOf } from '../fields/registry';
import { referenceText } from '../fields/shared/references';
import type { Save } from '../useSave';
import { keepRefused, refusedOf } from './refused';

/** A masked value is not the value: editing starts from nothing instead of from the stars. */
export function startValue(record: RecordData, name: string, masked: boolean | undefined): unknown {
  const value = record[name] ?? null;
  return masked && typeof value === 'string' && value.includes('*') ? null : value;
}

const isSame = (one: unknown, other: unknown) =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

interface CellEditorProps {
  object: ObjectMeta;
  record: RecordData;
  name: string;
  save: Save;
  onClose: (move?: GridMove) => void;
}

/**
 * The editor of one value, in a grid cell or on a record page. It stays open with what was typed
 * until the server has taken it; when it is taken away before, what was typed is kept for the place
 * where it stood (`refused.ts`).
 */
export function CellEditor(props: CellEditorProps) {
  const field = props.object.fields.find((candidate) => candidate.name === props.name);
  return field && kindOf(field).Input ? <Editor {...props} field={field} /> : null;
}

function useEditing({ object, record, name, save, onClose, field }: EditorProps) {
  const { t } = useTranslation();
  const { collection } = object;
  const [begun] = useState(() => ({ record, refused: refusedOf(collection, record.id, name) }));
  const [value, setValue] = useState<unknown>(() =>
    begun.refused ? begun.refused.value : startValue(record, name, field.masked),
  );
  const [display, setDisplay] = useState(begun.refused?.display);
  const [error, setError] = useState(begun.refused?.message ?? null);
  const busy = useRef(false);
  const touched = useRef(begun.refused !== undefined);
  const isGone = useRef(false);
  /** Nothing is to be kept when the editor goes. */
  const settled = useRef(false);
  /** The person has gone on to something else on the page. */
  const left = useRef(false);
  const now = useRef({ value, display });
  now.current = { value, display };

  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      if (!touched.current || settled.current) return;
      if (refusedOf(collection, begun.record.id, name)) return;
      keepRefused(collection, begun.record.id, name, { ...now.current, message: null });
    };
  }, [collection, begun, name]);

  const close = (move?: GridMove) => {
    settled.current = true;
    keepRefused(collection, record.id, name, null);
    onClose(left.current ? 'away' : move);
  };
  const refuse = (next: unknown, text: string | undefined, reason: string) => {
    const message = withLabel(field.label, reason);
    settled.current = false;
    setError(message);
    keepRefused(collection, record.id, name, { value: next, display: text, message });
    if (isGone.current) showToast({ kind: 'error', text: message });
  };
  const commit = async (next: unknown, text: string | undefined, move?: GridMove) => {
    if (busy.current) return;
    if (!touched.current || isSame(next, record[name])) return close(move);
    const complaint = complaintAbout(field, next);
    if (complaint) return refuse(next, text, t(complaint.key, { limit: complaint.limit }));
    busy.current = true;
    settled.current = true;
    // Whoever changed the same value meanwhile is not overwritten unasked: both are shown.
    const isOverlapping = !isSame(record[name], begun.record[name]);
    let again = false;
    try {
      await save(
        record,
        { [name]: next },
        { [name]: text },
        { etag: isOverlapping ? begun.record['@odata.etag'] : undefined },
      );
      const isTypedOn = !isGone.current && !isSame(now.current.value, next);
      if (isTypedOn && !kindOf(field).instant) again = left.current;
      else close(move);
    } catch (problem) {
      const reason = isProblem(problem) ? problem.fieldMessage(name) : null;
      refuse(next, text, reason ?? (problem as Error).message);
    } finally {
      busy.current = false;
    }
    if (again) void commit(now.current.value, now.current.display);
  };
  const change = (next: unknown, text: string | undefined) => {
    touched.current = true;
    settled.current = false;
    setValue(next);
    setDisplay(text);
    setError(null);
    keepRefused(collection, record.id, name, null);
  };
  return { value, display, error, left, change, commit, close };
}

type EditorProps = CellEditorProps & { field: FieldMeta };

function Editor(props: EditorProps) {
  const { field, record } = props;
  const kind = kindOf(field);
  const { value, display, error, left, change, commit, close } = useEditing(props);
  const { Input } = kind;
  if (!Input) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (isCancel(event)) {
      event.preventDefault();
      event.stopPropagation();
      close();
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
      onFocus={() => {
        left.current = false;
      }}
      onBlurCapture={(event) => {
        left.current = !event.currentTarget.contains(event.relatedTarget);
      }}
      onBlur={() => {
        if (!kind.instant && left.current && error === null) void commit(value, display);
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
          change(next, text);
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
