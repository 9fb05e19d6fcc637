import { Button } from 'antd';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUndoMerge } from './useUndoMerge';

/** In the timeline of the record that stayed, while the merge can be taken back. */
export default function UndoMerge({ id }: { id: number }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const undo = useUndoMerge();
  return (
    <Button
      size="small"
      loading={busy}
      icon={<Undo2 size={13} aria-hidden="true" />}
      onClick={async () => {
        setBusy(true);
        await undo(id);
        setBusy(false);
      }}
    >
      {t('merge.undo')}
    </Button>
  );
}
