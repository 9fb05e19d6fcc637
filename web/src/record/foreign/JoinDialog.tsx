import { Input, Modal, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import { showToast } from '@/ui/toast';
import { draftOf, type Foreign } from './foreign';
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
  const fresh = (): { access: 'read' | 'edit'; note: string } => ({ access: 'read', note: '' });
  const draft = useDraft(`join.${draftOf(foreign)}`, fresh());
  const { access, note } = draft.value;
  const submit = async () => {
    if (!(await send({ access, note: note.trim() }))) return;
    draft.clear(fresh());
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
      mask={{ closable: false }}
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
          onChange={(event) => draft.set((before) => ({ ...before, access: event.target.value }))}
        />
        <Input.TextArea
          value={note}
          maxLength={longest}
          autoSize={{ minRows: 2, maxRows: 5 }}
          aria-label={t('team.ask_note')}
          placeholder={t('team.ask_note')}
          onChange={(event) => draft.set((before) => ({ ...before, note: event.target.value }))}
        />
      </div>
    </Modal>
  );
}
