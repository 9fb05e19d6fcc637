import { useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import type { DuplicateAnswer, ObjectMeta, RecordData } from '@/api/types';
import { Bones, Notice } from '@/ui/basics';
import { useRecordWorld } from '../context';
import MergeDialog from './MergeDialog';

const most = 5;

/** Looks for records like this one and merges those that somebody chooses. */
export default function FindEqual({
  object,
  record,
  onClose,
}: {
  object: ObjectMeta;
  record: RecordData;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { descriptor } = useRecordWorld();
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [merging, setMerging] = useState(false);
  const names = descriptor(object.name)?.duplicateFields ?? [];
  const values = Object.fromEntries(
    names.flatMap((name) => (typeof record[name] === 'string' ? [[name, record[name]]] : [])),
  );
  const { data, error } = useQuery({
    queryKey: ['duplicates', object.name, record.id, values],
    queryFn: ({ signal }) =>
      post<DuplicateAnswer>(
        '/duplicates',
        { object: object.name, values, id: record.id },
        { signal },
      ),
  });
  const hits = (data?.hits ?? []).filter(
    (hit) => hit.object === object.name && hit.id !== null && ['owned', 'pool'].includes(hit.state),
  );
  if (merging) {
    return (
      <MergeDialog
        object={object}
        ids={[record.id, ...chosen]}
        onClose={onClose}
        onDone={onClose}
      />
    );
  }
  return (
    <Modal
      open
      title={t('merge.find')}
      okText={t('merge.next')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: chosen.length === 0 }}
      onOk={() => setMerging(true)}
      onCancel={onClose}
      width={480}
    >
      <div className="stack">
        {error && <Notice kind="error">{(error as Error).message}</Notice>}
        {!data && !error && <Bones rows={3} />}
        {data && hits.length === 0 && <p className="muted">{t('merge.none')}</p>}
        {hits.map((hit) => (
          <label key={hit.id} className="merge-hit">
            <input
              type="checkbox"
              checked={chosen.includes(hit.id as number)}
              disabled={chosen.length >= most - 1 && !chosen.includes(hit.id as number)}
              onChange={(event) =>
                setChosen((before) =>
                  event.target.checked
                    ? [...before, hit.id as number]
                    : before.filter((id) => id !== hit.id),
                )
              }
            />
            <span className="grow">
              <strong>{hit.name}</strong>
              <small className="muted">
                {[hit.evidence.join(' · '), hit.owner].filter(Boolean).join(' · ')}
              </small>
            </span>
          </label>
        ))}
      </div>
    </Modal>
  );
}
