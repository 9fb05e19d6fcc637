import { Paperclip, X } from 'lucide-react';
import { useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { FileItem, FileItems, type Home } from './FileItems';
import type { Files } from './useFiles';

/** The files of a field with everything that changes them; the state is `useFiles`'s. */
export function FilePicker({
  files,
  label,
  home,
  id,
  describedBy,
  invalid,
}: {
  files: Files;
  label: string;
  home?: Home;
  id?: string;
  describedBy?: string;
  invalid?: boolean;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const own = useId();
  const several = files.most > 1;
  return (
    <div className="file-field" data-over={files.over || undefined} data-invalid={invalid}>
      {(files.files.length > 0 || files.pending.length > 0) && (
        <FileItems label={label}>
          {files.files.map((file) => (
            <FileItem
              key={file.id}
              file={file}
              home={home}
              picture={files.picture(file.id)}
              onRemove={() => files.remove(file.id)}
            />
          ))}
          {files.pending.map((one) => (
            <li key={one.key} className="file" data-failed={one.message ? true : undefined}>
              <span className="file-about">
                <span className="ellipsis">{one.name}</span>
                {one.message ? (
                  <span className="file-message" role="alert">
                    {one.message}
                  </span>
                ) : (
                  <progress max={1} value={one.share} aria-label={t('file.uploading')} />
                )}
              </span>
              <button
                type="button"
                className="icon-button"
                aria-label={t('file.cancel', { name: one.name })}
                onClick={() => files.cancel(one.key)}
              >
                <X size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </FileItems>
      )}
      {files.message && (
        <p className="file-message" role="alert">
          {files.message}
        </p>
      )}
      {!files.isFull && (
        <button
          id={id ?? own}
          type="button"
          className="file-add"
          aria-describedby={describedBy}
          onClick={() => input.current?.click()}
        >
          <Paperclip size={14} aria-hidden="true" />
          {t(several ? 'file.add' : 'file.choose')}
          <span className="file-hint">{t('file.drop')}</span>
        </button>
      )}
      <input
        ref={input}
        type="file"
        hidden
        multiple={several}
        aria-label={label}
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          event.target.value = '';
          void files.add(chosen);
        }}
      />
    </div>
  );
}
