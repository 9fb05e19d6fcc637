import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StageDraft } from './stages';

/** Asks where the opportunities of a stage that is removed go on. */
export function ReplaceStage({
  stage,
  choices,
  onClose,
  onChosen,
}: {
  stage: StageDraft;
  choices: readonly StageDraft[];
  onClose: () => void;
  onChosen: (replacement: number) => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<number | undefined>(choices[0]?.id);
  return (
    <Modal
      open
      title={t('settings.delete_of', { name: stage.name })}
      okText={t('settings.replace_stage')}
      okButtonProps={{ danger: true, disabled: chosen === undefined }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={() => chosen !== undefined && onChosen(chosen)}
    >
      <div className="stack">
        <p className="muted">{t('settings.replace_stage_text')}</p>
        <Select<number>
          value={chosen}
          aria-label={t('settings.replace_with')}
          style={{ width: '100%' }}
          options={choices.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setChosen}
        />
      </div>
    </Modal>
  );
}
