import { Button, Dropdown, Modal } from 'antd';
import { Merge, MoreHorizontal, Trash2, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Icon } from '@/ui/Icon';
import { useActions, useDelete } from '../form/useActions';

const MergeDialog = lazy(() => import('../merge/MergeDialog'));
const mostMerged = 5;

/** What can be done with the chosen rows; it slides up while something is chosen. */
export function BulkBar({
  object,
  records,
  onClear,
  everything,
}: {
  object: ObjectMeta;
  records: RecordData[];
  onClear: () => void;
  /** All rows that are loaded are chosen, and there are more. */
  everything: { label: string; isComing: boolean; onTake: () => void } | null;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [merging, setMerging] = useState(false);
  const remove = useDelete(object);
  const actions = useActions(object, records, onClear);
  if (records.length === 0) return actions.dialog;
  const direct = actions.available.slice(0, 4);
  const rest = actions.available.slice(4);
  return (
    <>
      <div className="bulk-bar" role="toolbar" aria-label={t('bulk.label')}>
        <strong aria-live="polite">{t('bulk.chosen', { count: records.length })}</strong>
        {everything && (
          <button
            type="button"
            className="link-button"
            disabled={everything.isComing}
            onClick={everything.onTake}
          >
            {everything.label}
          </button>
        )}
        {direct.map((action) => (
          <Button
            key={action.name}
            danger={action.danger}
            icon={<Icon name={action.icon} size={14} />}
            onClick={() => actions.start(action)}
          >
            {action.label}
          </Button>
        ))}
        {rest.length > 0 && (
          <Dropdown
            trigger={['click']}
            menu={{
              items: rest.map((action) => ({
                key: action.name,
                label: action.label,
                danger: action.danger,
                onClick: () => actions.start(action),
              })),
            }}
          >
            <Button
              icon={<MoreHorizontal size={14} aria-hidden="true" />}
              aria-label={t('common.more')}
            />
          </Dropdown>
        )}
        {object.rights.includes('merge') && records.length > 1 && records.length <= mostMerged && (
          <Button icon={<Merge size={14} aria-hidden="true" />} onClick={() => setMerging(true)}>
            {t('merge.action')}
          </Button>
        )}
        {object.rights.includes('delete') && (
          <Button
            danger
            icon={<Trash2 size={14} aria-hidden="true" />}
            onClick={() => setAsking(true)}
          >
            {t('common.delete')}
          </Button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={t('bulk.clear')}
          onClick={onClear}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      {actions.dialog}
      {merging && (
        <Suspense fallback={null}>
          <MergeDialog
            object={object}
            ids={records.map((record) => record.id)}
            onClose={() => setMerging(false)}
            onDone={() => {
              setMerging(false);
              onClear();
            }}
          />
        </Suspense>
      )}
      <Modal
        open={asking}
        title={t('bulk.delete_title', {
          count: records.length,
          object: records.length === 1 ? object.label : object.label_plural,
        })}
        okText={t('common.delete')}
        cancelText={t('common.cancel')}
        okButtonProps={{ danger: true }}
        onCancel={() => setAsking(false)}
        onOk={async () => {
          setAsking(false);
          await remove(records);
          onClear();
        }}
        width={420}
      >
        <p>{t('bulk.delete_text')}</p>
      </Modal>
    </>
  );
}
