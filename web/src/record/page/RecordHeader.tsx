import { Button, Dropdown, Modal } from 'antd';
import { Merge, MoreHorizontal } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { Icon } from '@/ui/Icon';
import { useRecordWorld } from '../context';
import { useActions, useDelete } from '../form/useActions';
import { CardFacts } from '../list/CardFacts';
import { titleOf } from '../titles';

const FindEqual = lazy(() => import('../merge/FindEqual'));

/** Name, the most important facts and what can be done with the record. */
export function RecordHeader({
  object,
  record,
  tools,
  onGone,
}: {
  object: ObjectMeta;
  record: RecordData;
  tools?: ReactNode;
  onGone: () => void;
}) {
  const { t } = useTranslation();
  const { descriptor } = useRecordWorld();
  const about = descriptor(object.name);
  const actions = useActions(object, [record]);
  const remove = useDelete(object);
  const [asking, setAsking] = useState(false);
  const [finding, setFinding] = useState(false);
  const primary = about?.primaryActions ?? [];
  const direct = actions.available.filter((action) => primary.includes(action.name));
  const rest = actions.available.filter((action) => !primary.includes(action.name));
  const title = titleOf(object, record, about?.titleFields);
  const items = [
    ...rest.map((action) => ({
      key: action.name,
      label: action.label,
      danger: action.danger,
      icon: <Icon name={action.icon} size={14} />,
      onClick: () => actions.start(action),
    })),
    ...(object.rights.includes('merge') && (about?.duplicateFields?.length ?? 0) > 0
      ? [
          {
            key: 'merge',
            label: t('merge.find'),
            icon: <Merge size={14} aria-hidden="true" />,
            onClick: () => setFinding(true),
          },
        ]
      : []),
    ...(object.rights.includes('delete')
      ? [
          { type: 'divider' as const, key: 'line' },
          {
            key: 'delete',
            label: t('common.delete'),
            danger: true,
            onClick: () => setAsking(true),
          },
        ]
      : []),
  ];
  return (
    <header className="record-header">
      <div className="line">
        <span className="record-sign" aria-hidden="true">
          <Icon name={object.icon} size={18} />
        </span>
        <div className="grow">
          <h2 className="record-title" title={title}>
            {title}
          </h2>
          <CardFacts
            object={object}
            record={record}
            names={about?.headerFields ?? ['status', 'owner_id']}
          />
        </div>
        {tools}
      </div>
      <div className="record-actions">
        {direct.map((action) => (
          <Button
            key={action.name}
            className={action.danger ? undefined : 'soft-button'}
            danger={action.danger}
            icon={<Icon name={action.icon} size={14} />}
            onClick={() => actions.start(action)}
          >
            {action.label}
          </Button>
        ))}
        {items.length > 0 && (
          <Dropdown menu={{ items }} trigger={['click']}>
            <Button
              icon={<MoreHorizontal size={15} aria-hidden="true" />}
              aria-label={t('record.more_actions')}
            />
          </Dropdown>
        )}
      </div>
      {actions.dialog}
      {finding && (
        <Suspense fallback={null}>
          <FindEqual object={object} record={record} onClose={() => setFinding(false)} />
        </Suspense>
      )}
      <Modal
        open={asking}
        title={t('bulk.delete_title', { count: 1, object: object.label })}
        okText={t('common.delete')}
        cancelText={t('common.cancel')}
        okButtonProps={{ danger: true }}
        onCancel={() => setAsking(false)}
        onOk={async () => {
          setAsking(false);
          const gone = await remove([record]);
          if (gone.length > 0) onGone();
        }}
        width={420}
      >
        <p>{t('bulk.delete_text')}</p>
      </Modal>
    </header>
  );
}
