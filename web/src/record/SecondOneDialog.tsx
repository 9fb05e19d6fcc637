import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { DuplicateHints } from './form/DuplicateHints';
import { askWhySecond, type SecondOneQuestion } from './secondOne';

/** Shows what is there already and asks why it goes on all the same. */
export default function SecondOneDialog({ question }: { question: SecondOneQuestion }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (reason.trim() === '') return setMessage(t('duplicate.please_give_reason'));
    setBusy(true);
    setMessage(null);
    try {
      await question.again(reason.trim());
      askWhySecond(null);
    } catch (error) {
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t('duplicate.second_title')}
      okText={t('duplicate.go_on')}
      okButtonProps={{ loading: busy }}
      cancelText={t('common.cancel')}
      onOk={submit}
      onCancel={() => askWhySecond(null)}
      width={560}
      zIndex={1100}
    >
      <div className="stack">
        {message && <Notice kind="error">{message}</Notice>}
        <DuplicateHints answer={question.answer} />
        <div className="field-line">
          <label htmlFor="second-reason">
            {t('duplicate.go_on_reason')}
            <span className="required">*</span>
          </label>
          <Input
            id="second-reason"
            value={reason}
            autoFocus
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
      </div>
    </Modal>
  );
}
