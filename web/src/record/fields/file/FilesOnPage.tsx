import { useState } from 'react';
import { filesIn } from '@/api/files';
import { isProblem } from '@/api/problem';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import type { Save } from '../../useSave';
import { FileItem, FileItems } from './FileItems';
import { FilePicker } from './FilePicker';
import { useFiles } from './useFiles';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  field: FieldMeta;
}

/** The files of a record where they stand: fetched by a click, changed without an editor. */
export default function FilesOnPage({
  save,
  editable,
  ...props
}: Props & { save: Save; editable: boolean }) {
  const { object, record, field } = props;
  const home = { collection: object.collection, id: record.id };
  if (editable) return <Changing {...props} save={save} />;
  return (
    <FileItems label={field.label}>
      {filesIn(record[field.name]).map((file) => (
        <FileItem key={file.id} file={file} home={home} />
      ))}
    </FileItems>
  );
}

function Changing({ object, record, field, save }: Props & { save: Save }) {
  const [message, setMessage] = useState<string | null>(null);
  const files = useFiles(field, record[field.name], (next) => {
    setMessage(null);
    void save(record, { [field.name]: field.multiple ? next : (next[0] ?? null) }).catch(
      (error: unknown) =>
        setMessage(
          (isProblem(error) && error.fieldMessage(field.name)) || (error as Error).message,
        ),
    );
  });
  return (
    <div {...files.target}>
      <FilePicker
        files={files}
        label={field.label}
        home={{ collection: object.collection, id: record.id }}
      />
      {message && (
        <p className="file-message" role="alert">
          {message}
        </p>
      )}
    </div>
  );
}
