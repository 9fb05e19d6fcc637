import { useMutation } from '@tanstack/react-query';
import { type ClipboardEvent, type DragEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AttachedFile, filesIn, uploadFile } from '@/api/files';
import { isProblem } from '@/api/problem';
import type { FieldMeta } from '@/api/types';
import { useRecordWorld } from '../../context';
import { sizeText } from './size';
import { uploadKey } from './uploadKey';

/** One upload on its way, or one that failed and says why. */
export interface Pending {
  key: number;
  name: string;
  share: number;
  message?: string;
}

let lastKey = 0;

/** A pasted picture has no name of its own; the time tells several apart. */
function named(file: File): File {
  if (file.name !== '' && file.name !== 'image.png') return file;
  const at = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const type = file.type.split('/')[1] ?? 'png';
  return new File([file], `${time}.${type}`, { type: file.type });
}

/**
 * The files of a field while somebody changes them: chosen, dropped or pasted ones are uploaded one
 * after the other and then join the value.
 */
export function useFiles(
  field: FieldMeta,
  value: unknown,
  onChange: (files: AttachedFile[]) => void,
) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const files = filesIn(value);
  const most = field.multiple ? (field.maximum ?? 10) : 1;
  const [pending, setPending] = useState<Pending[]>([]);
  const [over, setOver] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const pictures = useRef(new Map<number, string>());
  const stops = useRef(new Map<number, AbortController>());
  // What is there when an upload ends, which may be more than when it began.
  const current = useRef(files);
  current.current = files;
  const change = useRef(onChange);
  change.current = onChange;
  const upload = useMutation({
    mutationKey: uploadKey,
    mutationFn: ({
      file,
      progress,
      signal,
    }: {
      file: File;
      progress: (share: number) => void;
      signal: AbortSignal;
    }) => uploadFile(file, progress, signal),
  });

  useEffect(() => {
    const [shown, running] = [pictures.current, stops.current];
    return () => {
      for (const stop of running.values()) stop.abort();
      for (const url of shown.values()) URL.revokeObjectURL(url);
    };
  }, []);

  const drop = (key: number) => setPending((before) => before.filter((one) => one.key !== key));
  const set = (next: AttachedFile[]) => {
    current.current = next;
    change.current(next);
  };

  const take = async (file: File) => {
    lastKey += 1;
    const key = lastKey;
    const note = (part: Partial<Pending>) =>
      setPending((before) => before.map((one) => (one.key === key ? { ...one, ...part } : one)));
    setPending((before) => [...before, { key, name: file.name, share: 0 }]);
    const limit = model.fileLimit;
    if (file.size > limit) {
      return note({ message: t('file.too_large', { limit: sizeText(limit) }) });
    }
    const stop = new AbortController();
    stops.current.set(key, stop);
    try {
      const stored = await upload.mutateAsync({
        file,
        progress: (share) => note({ share }),
        signal: stop.signal,
      });
      if (file.type.startsWith('image/')) {
        pictures.current.set(stored.id, URL.createObjectURL(file));
      }
      set(field.multiple ? [...current.current, stored] : [stored]);
      drop(key);
    } catch (error) {
      if (error instanceof DOMException) drop(key);
      else {
        const reason = isProblem(error) ? (error.fields[0]?.message ?? error.message) : null;
        note({ message: reason ?? t('error.offline_kept') });
      }
    } finally {
      stops.current.delete(key);
    }
  };

  const add = async (chosen: Iterable<File>) => {
    const room = field.multiple ? most - current.current.length - stops.current.size : 1;
    const all = [...chosen];
    setMessage(all.length > room ? t('file.too_many', { count: most }) : null);
    for (const file of all.slice(0, Math.max(room, 0))) await take(named(file));
  };

  const hasFiles = (data: DataTransfer | null) =>
    data !== null && [...data.types].includes('Files');
  return {
    files,
    pending,
    message,
    over,
    most,
    isFull: field.multiple === true && files.length >= most,
    isBusy: pending.some((one) => one.message === undefined),
    add,
    remove: (id: number) => set(current.current.filter((file) => file.id !== id)),
    cancel: (key: number) => {
      stops.current.get(key)?.abort();
      drop(key);
    },
    /** A picture that was just uploaded, from the person's own disk. */
    picture: (id: number) => pictures.current.get(id),
    /** For the element that takes what is dropped on it or pasted into it. */
    target: {
      onPaste: (event: ClipboardEvent) => {
        if (event.clipboardData.files.length === 0) return;
        event.preventDefault();
        void add(event.clipboardData.files);
      },
      onDragOver: (event: DragEvent) => {
        if (!hasFiles(event.dataTransfer)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        setOver(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        void add(event.dataTransfer.files);
      },
    },
  };
}
export type Files = ReturnType<typeof useFiles>;
