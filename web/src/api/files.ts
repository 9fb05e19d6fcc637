import { sendForm } from './client';

/** A file as records show it; the id alone is enough to name it. */
export interface AttachedFile {
  id: number;
  name?: string;
  size?: number;
  media_type?: string;
}

/** Uploads one file. It belongs to nothing until a record that is saved names it. */
export function uploadFile(
  file: File,
  progress: (share: number) => void,
  signal?: AbortSignal,
): Promise<AttachedFile> {
  const form = new FormData();
  form.append('file', file, file.name);
  return sendForm<AttachedFile>('/files', form, progress, signal);
}

/** Where a file of a record is read; `inline` for pictures that are shown in place. */
export function fileHref(collection: string, id: number, file: number, inline = false): string {
  return `/api/v1/${collection}/${id}/files/${file}${inline ? '?inline=true' : ''}`;
}

export function isPicture(file: AttachedFile): boolean {
  return /^image\/(png|jpeg|gif|bmp|webp)$/.test(file.media_type ?? '');
}

/** The files in a field's value, whether it holds one or several. */
export function filesIn(value: unknown): AttachedFile[] {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.flatMap((each) =>
    typeof each === 'number'
      ? [{ id: each }]
      : each && typeof each === 'object' && 'id' in each
        ? [each as AttachedFile]
        : [],
  );
}
