import {
  FileArchive,
  FileImage,
  File as FileSign,
  FileSpreadsheet,
  FileText,
  FileVideo,
  Music,
  X,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type AttachedFile, fileHref, isPicture } from '@/api/files';
import { sizeText } from './size';
import './file.css';

/** Larger pictures are not fetched for a thumbnail. */
const largestThumbnail = 3 << 20;

const signs: readonly [RegExp, typeof FileSign][] = [
  [/^image\//, FileImage],
  [/^audio\//, Music],
  [/^video\//, FileVideo],
  [/spreadsheet|excel|csv/, FileSpreadsheet],
  [/zip|rar|7z/, FileArchive],
  [/pdf|word|text|presentation|powerpoint|ofd/, FileText],
];

function Sign({ type = '' }: { type?: string }) {
  const Found = signs.find(([pattern]) => pattern.test(type))?.[1] ?? FileSign;
  return <Found size={16} strokeWidth={1.75} aria-hidden="true" />;
}

/** The record that the files belong to; without it they are not saved yet and cannot be fetched. */
export interface Home {
  collection: string;
  id: number;
}

export function FileItem({
  file,
  home,
  picture,
  onRemove,
}: {
  file: AttachedFile;
  home?: Home;
  picture?: string;
  onRemove?: () => void;
}) {
  const { t } = useTranslation();
  const name = file.name ?? `#${file.id}`;
  const small = isPicture(file) && (file.size ?? 0) <= largestThumbnail;
  const source =
    picture ?? (small && home ? fileHref(home.collection, home.id, file.id, true) : undefined);
  return (
    <li className="file">
      {source ? (
        <img className="file-picture" src={source} alt="" loading="lazy" />
      ) : (
        <span className="file-sign">
          <Sign type={file.media_type} />
        </span>
      )}
      <span className="file-about">
        {home ? (
          <a
            className="ellipsis"
            href={fileHref(home.collection, home.id, file.id)}
            download={name}
            title={t('file.download', { name })}
          >
            {name}
          </a>
        ) : (
          <span className="ellipsis" title={name}>
            {name}
          </span>
        )}
        {file.size !== undefined && <span className="muted">{sizeText(file.size)}</span>}
      </span>
      {onRemove && (
        <button
          type="button"
          className="icon-button"
          aria-label={t('file.remove', { name })}
          onClick={onRemove}
        >
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}

/** Files one below the other, or beside each other where there is room. */
export function FileItems({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className="files" aria-label={label}>
      {children}
    </ul>
  );
}
