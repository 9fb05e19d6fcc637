import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { isComposing } from '@/ui/keyboard';
import { DuplicateHints } from './form/DuplicateHints';
import { askedWhy, closeWhy, type WhyQuestion } from './why';

function Question({ question }: { question: WhyQuestion }) {
  const { t } = useTranslation();
  const { problem, given, again } = question;
  const [reason, setReason] = useState('');
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isSecond = problem.hits.length > 0;
  const submit = async () => {
    const text = reason.trim();
    if (text === '')
      return setMessage(t(isSecond ? 'duplicate.please_give_reason' : 'why.missing'));
    setBusy(true);
    setMessage(null);
    const reasons = { ...given, [String(problem.reasonField)]: text };
    try {
      await again(reasons);
      closeWhy(question);
    } catch (error) {
      // Another reason may be missing after this one.
      if (!askedWhy(error, again, reasons)) setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t(isSecond ? 'duplicate.second_title' : 'why.title')}
      okText={t('why.go_on')}
      okButtonProps={{ loading: busy }}
      cancelText={t('common.cancel')}
      onOk={submit}
      onCancel={() => closeWhy(question)}
      width={isSecond ? 560 : 440}
      zIndex={1100}
    >
      <div className="stack">
        {message && <Notice kind="error">{message}</Notice>}
        {isSecond ? (
          <DuplicateHints answer={{ verdict: 'warn', hits: problem.hits }} />
        ) : (
          <>
            <p>{problem.message}</p>
            <p className="muted">{t('why.text')}</p>
          </>
        )}
        <div className="field-line">
          <label htmlFor="second-reason">
            {t('why.reason')}
            <span className="required">*</span>
          </label>
          <Input
            id="second-reason"
            value={reason}
            maxLength={500}
            autoFocus
            onChange={(event) => setReason(event.target.value)}
            onPressEnter={(event) => !isComposing(event) && submit()}
          />
        </div>
      </div>
    </Modal>
  );
}

/** Says what stands in the way and asks why it goes on all the same; each question begins empty. */
export default function WhyDialog({ question }: { question: WhyQuestion }) {
  return <Question key={question.problem.reasonField} question={question} />;
}
