import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import type { DuplicateHit } from '@/api/types';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';

const longest = 200;

/** Asks the owner of a record that one may not see to be let into its team. */
export function JoinDialog({
  hit,
  onClose,
  onAsked,
}: {
  hit: DuplicateHit;
  onClose: () => void;
  onAsked: () => void;
}) {
  const { t } = useTranslation();
  const [access, setAccess] = useState<'read' | 'edit'>('read');
  const [note, setNote] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setMessage(null);
    try {
      await post('/duplicates/join', { ticket: hit.ticket, access, note: note.trim() });
      showToast({ kind: 'success', text: t('team.asked') });
      onAsked();
    } catch (error) {
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
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
        <p className="muted">{t('team.ask_about', { object: hit.object_label, name: hit.name })}</p>
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
