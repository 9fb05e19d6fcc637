import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { Notice } from '@/ui/basics';
import { isCancel, isSubmit } from '@/ui/keyboard';

/** The text of a note in place: Ctrl+Enter saves, Esc leaves; what was typed stays when saving fails. */
export function NoteEditor({
  text: given,
  label,
  onSave,
  onClose,
}: {
  text: string;
  label: string;
  onSave: (text: string) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(given);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    setMessage(null);
    try {
      await onSave(text);
      onClose();
    } catch (error) {
      setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      {message && <Notice kind="error">{message}</Notice>}
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 12 }}
        value={text}
        placeholder={label}
        aria-label={label}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (isCancel(event)) {
            event.stopPropagation();
            onClose();
          } else if (isSubmit(event)) {
            void save();
          }
        }}
      />
      <div className="line">
        <Button size="small" type="primary" loading={busy} onClick={save}>
          {t('common.save')}
        </Button>
        <Button size="small" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}
