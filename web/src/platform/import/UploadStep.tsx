import { useQuery } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { FileSpreadsheet, FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { ObjectMeta } from '@/api/types';
import { Notice, Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { type Import, listImports, upload, uploadLimit } from './api';
import { statusColours } from './parts';

/** Where a file comes in: dropped or chosen. */
export function UploadStep({
  objects,
  object,
  onObject,
  onUploaded,
  onOpen,
}: {
  objects: readonly ObjectMeta[];
  object: ObjectMeta;
  onObject: (name: string) => void;
  onUploaded: (job: Import) => void;
  onOpen: (job: Import) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController | null>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const recent = useQuery({ queryKey: ['imports'], queryFn: listImports });

  const take = async (chosen: File | undefined) => {
    if (!chosen || share !== null) return;
    stop.current = new AbortController();
    setFile(chosen);
    if (chosen.size > uploadLimit) {
      setMessage(t('import.too_large'));
      return;
    }
    setMessage(null);
    setShare(0);
    try {
      onUploaded(await upload(object.name, chosen, setShare, stop.current.signal));
    } catch (error) {
      if (!(error instanceof DOMException)) {
        setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
      }
    } finally {
      setShare(null);
      if (input.current) input.current.value = '';
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const jobs = (recent.data?.value ?? []).filter((job) => job.object === object.name).slice(0, 5);
  return (
    <div className="stack">
      {objects.length > 1 && (
        <div className="settings-choices" role="group" aria-label={t('import.what')}>
          {objects.map((each) => (
            <button
              key={each.name}
              type="button"
              aria-pressed={each.name === object.name}
              disabled={share !== null}
              onClick={() => onObject(each.name)}
            >
              {each.label}
            </button>
          ))}
        </div>
      )}
      {message && (
        <Notice kind="error">
          {file && <strong>{file.name} · </strong>}
          {message}
        </Notice>
      )}
      <section
        className="card import-drop"
        data-over={over || undefined}
        aria-label={t('import.drop')}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <span className="empty-picture" aria-hidden="true">
          <FileUp size={26} />
        </span>
        {share === null ? (
          <>
            <h2>{t('import.drop')}</h2>
            <p className="muted">{t('import.formats')}</p>
            <Button type="primary" onClick={() => input.current?.click()}>
              {t('import.choose_file')}
            </Button>
          </>
        ) : (
          <>
            <h2 className="ellipsis">{file?.name}</h2>
            <Progress
              percent={Math.round(share * 100)}
              style={{ width: 280 }}
              aria-label={t('import.uploading')}
            />
            <p className="muted" role="status">
              {share < 1 ? t('import.uploading') : t('import.reading')}
            </p>
            <Button onClick={() => stop.current?.abort()}>{t('common.cancel')}</Button>
          </>
        )}
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t('import.choose_file')}
          accept=".xlsx,.xls,.csv,.tsv,.txt"
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </section>
      {jobs.length > 0 && (
        <section className="card" aria-label={t('import.recent')}>
          <div className="card-head">
            <h2>{t('import.recent')}</h2>
          </div>
          <ul className="import-recent">
            {jobs.map((job) => (
              <li key={job.id}>
                <button type="button" onClick={() => onOpen(job)}>
                  <FileSpreadsheet size={16} aria-hidden="true" />
                  <span className="grow ellipsis">{job.file_name}</span>
                  {job.created_at && (
                    <span className="muted import-when">{format.relative(job.created_at)}</span>
                  )}
                  <Pill dot color={statusColours[job.status]}>
                    {t(`import.status.${job.status}`)}
                  </Pill>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
