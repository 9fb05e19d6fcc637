import { Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import { showToast } from '@/ui/toast';
import { useRecordWorld } from '../context';
import { ReferenceInput } from '../fields/shared/lazy';
import { Restored } from '../form/Restored';
import { draftOf, type Foreign } from './foreign';
import { useAsk } from './useAsk';

const longest = 2000;

/** The claimant's own lead, when it is known from where the dispute is raised. */
export interface OwnLead {
  id: number;
  name: string;
}

/** Disputes who owns a record: says why it should be one's own, and what happens next. */
export default function ArbitrateDialog({
  foreign,
  lead,
  onClose,
  onAsked,
}: {
  foreign: Foreign;
  lead?: OwnLead;
  onClose: () => void;
  onAsked: () => void;
}) {
  const { t } = useTranslation();
  const { model, me } = useRecordWorld();
  const form = useId();
  const { busy, message, errors, send } = useAsk(foreign, 'arbitrate');
  const fresh = (): { evidence: string; own: OwnLead | null } => ({
    evidence: '',
    own: lead ?? null,
  });
  const draft = useDraft(`arbitrate.${draftOf(foreign)}`, fresh());
  const { evidence, own } = draft.value;
  const [missing, setMissing] = useState(false);
  const leads = model.object('lead');
  const about = (name: string) => errors.find(({ field }) => field === name)?.message;
  const wrongEvidence = missing ? t('arbitration.evidence_missing') : about('evidence');
  const wrongLead = about('lead_id');
  const submit = async () => {
    const text = evidence.trim();
    setMissing(text === '');
    if (text === '') return;
    if (!(await send({ evidence: text, ...(own ? { lead_id: own.id } : {}) }))) return;
    draft.clear(fresh());
    showToast({ kind: 'success', text: t('arbitration.raised') });
    onAsked();
  };
  return (
    <Modal
      open
      title={t('arbitration.raise')}
      okText={t('arbitration.raise_send')}
      okButtonProps={{ loading: busy }}
      cancelText={t('common.cancel')}
      onCancel={onClose}
      onOk={submit}
      mask={{ closable: false }}
      width={520}
    >
      <div className="stack">
        <p>
          <span className="muted">{foreign.object_label} · </span>
          <strong>{foreign.name}</strong>
        </p>
        {draft.restored && <Restored onStartOver={() => draft.clear(fresh())} />}
        {message && !wrongEvidence && !wrongLead && <Notice kind="error">{message}</Notice>}
        <div className="field-line" data-error={wrongEvidence ? true : undefined}>
          <label htmlFor={`${form}-evidence`}>
            {t('arbitration.evidence')}
            <span className="required" title={t('field.required')}>
              *
            </span>
          </label>
          <Input.TextArea
            id={`${form}-evidence`}
            autoFocus
            value={evidence}
            maxLength={longest}
            autoSize={{ minRows: 4, maxRows: 10 }}
            status={wrongEvidence ? 'error' : undefined}
            placeholder={t('arbitration.evidence_hint')}
            aria-describedby={wrongEvidence ? `${form}-evidence-help` : undefined}
            aria-invalid={wrongEvidence ? true : undefined}
            onChange={(event) => {
              draft.set((before) => ({ ...before, evidence: event.target.value }));
              setMissing(false);
            }}
          />
          {wrongEvidence && (
            <p id={`${form}-evidence-help`} className="field-help" role="alert">
              {wrongEvidence}
            </p>
          )}
        </div>
        {leads && (
          <div className="field-line" data-error={wrongLead ? true : undefined}>
            <label htmlFor={`${form}-lead`}>{t('arbitration.own_lead')}</label>
            <ReferenceInput
              id={`${form}-lead`}
              field={{ name: 'lead_id', type: 'reference', target: 'lead', label: '' }}
              filter={`owner_id eq ${me}`}
              value={own?.id ?? null}
              display={own?.name}
              invalid={wrongLead !== undefined}
              describedBy={`${form}-lead-help`}
              onChange={(id, name) =>
                draft.set((before) => ({
                  ...before,
                  own: typeof id === 'number' ? { id, name: name ?? '' } : null,
                }))
              }
            />
            <p id={`${form}-lead-help`} className="field-help">
              {wrongLead ?? t('arbitration.own_lead_help')}
            </p>
          </div>
        )}
        <Notice>{t('arbitration.what_next')}</Notice>
      </div>
    </Modal>
  );
}
