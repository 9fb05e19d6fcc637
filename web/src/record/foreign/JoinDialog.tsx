import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import type { Foreign } from './foreign';
import { useAsk } from './useAsk';

const longest = 200;

/** Asks the owner of a record to be let into its team. */
export default function JoinDialog({
  foreign,
  onClose,
  onAsked,
}: {
  foreign: Foreign;
  onClose: () => void;
  onAsked: () => void;
}) {
  const { t } = useTranslation();
  const { busy, message, send } = useAsk(foreign, 'join');
  const [access, setAccess] = useState<'read' | 'edit'>('read');
  const [note, setNote] = useState('');
  const submit = async () => {
    if (!(await send({ access, note: note.trim() }))) return;
    showToast({ kind: 'success', text: t('team.asked') });
    onAsked();
  };
  return (
    <Modal
      open
      title={t('team.ask')}
      okText={t('team.ask_send')}
      okButtonProps={{ loading: busy }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={submit}
      width={440}
    >
      <div className="stack">
        <p className="muted">
          {t('team.ask_about', { object: foreign.object_label, name: foreign.name })}
        </p>
        {message && <Notice kind="error">{message}</Notice>}
        <Radio.Group
          value={access}
          aria-label={t('team.ask')}
          options={(['read', 'edit'] as const).map((value) => ({
            value,
            label: t(`team.access.${value}`),
          }))}
          onChange={(event) => setAccess(event.target.value)}
        />
        <Input.TextArea
          value={note}
          maxLength={longest}
          autoSize={{ minRows: 2, maxRows: 5 }}
          aria-label={t('team.ask_note')}
          placeholder={t('team.ask_note')}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
    </Modal>
  );
}
