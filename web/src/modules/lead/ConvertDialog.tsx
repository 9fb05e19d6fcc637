import { Input, InputNumber, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { DuplicateAnswer, FieldError } from '@/api/types';
import { type ActionDialogProps, useRecordWorld } from '@/record/context';
import { fieldKinds } from '@/record/fields/registry';
import { useRunAction } from '@/record/form/ActionDialog';
import { DuplicateHints } from '@/record/form/DuplicateHints';
import { FieldForm, type Values } from '@/record/form/FieldForm';
import { Notice, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';

/** Turns a lead into a customer, a contact and, if wanted, an opportunity. */
export default function ConvertDialog({
  object,
  action,
  records,
  onClose,
  onDone,
}: ActionDialogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model, openRecord } = useRecordWorld();
  const run = useRunAction(object);
  const [lead] = records;
  const inputs = action.input ?? [];
  const has = (name: string) => inputs.some((field) => field.name === name);
  const [target, setTarget] = useState<'new' | 'existing'>('new');
  const [account, setAccount] = useState<{ id: number | null; name?: string }>({ id: null });
  const [withOpportunity, setWithOpportunity] = useState(has('opportunity_name'));
  const [values, setValues] = useState<Values>({
    opportunity_name: t('convert.default_opportunity', { company: String(lead.company ?? '') }),
    amount: null,
  });
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [hits, setHits] = useState<DuplicateAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const accountMeta = model.object('account');
  const opportunityMeta = model.object('opportunity');
  const shown = new Set(['account_id', 'opportunity_name', 'amount', 'create_opportunity']);
  const others = inputs.filter((field) => !shown.has(field.name));
  const AccountInput = fieldKinds.reference.Input;

  const submit = async () => {
    setMessage(null);
    setHits(null);
    if (target === 'existing' && account.id === null) {
      return setMessage(t('convert.choose_account'));
    }
    const input: Values = Object.fromEntries(
      others.flatMap((field) => {
        const value = values[field.name];
        return value === null || value === undefined || value === '' ? [] : [[field.name, value]];
      }),
    );
    if (target === 'existing') input.account_id = account.id;
    if (withOpportunity && has('opportunity_name')) {
      input.opportunity_name = values.opportunity_name;
      if (values.amount !== null) input.amount = values.amount;
    }
    if (has('create_opportunity')) input.create_opportunity = withOpportunity;
    setBusy(true);
    try {
      const record = await run(action, records, input);
      onDone(record);
      const created = record?.converted_account_id;
      if (typeof created === 'number') openRecord('account', created, { page: true });
    } catch (error) {
      if (isProblem(error)) {
        setErrors(error.fields);
        if (error.hits.length > 0) setHits({ verdict: 'block', hits: error.hits });
      }
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      open
      title={t('convert.title')}
      okText={action.label}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: busy }}
      onCancel={onClose}
      onOk={submit}
      width={560}
    >
      <div className="stack">
        <p className="muted">{t('convert.text', { company: String(lead.company ?? '') })}</p>
        {message && <Notice kind="error">{message}</Notice>}
        {hits && <DuplicateHints answer={hits} />}
        <div className="convert-part">
          <h3>{accountMeta?.label}</h3>
          {has('account_id') && (
            <Tabs
              label={t('convert.account')}
              items={[
                { key: 'new', label: t('convert.new_account') },
                { key: 'existing', label: t('convert.existing_account') },
              ]}
              value={target}
              onChange={setTarget}
            />
          )}
          {target === 'new' ? (
            <p>{String(lead.company ?? '')}</p>
          ) : (
            AccountInput && (
              <AccountInput
                field={{ name: 'account_id', type: 'reference', target: 'account', label: '' }}
                value={account.id}
                display={account.name}
                label={t('convert.existing_account')}
                onChange={(id, name) => setAccount({ id: (id as number | null) ?? null, name })}
              />
            )
          )}
        </div>
        <div className="convert-part">
          <h3>{model.object('contact')?.label}</h3>
          <p>
            {String(lead.name ?? '')}
            {lead.mobile ? <span className="muted"> · {String(lead.mobile)}</span> : null}
          </p>
        </div>
        {has('opportunity_name') && (
          <div className="convert-part">
            <h3>
              <label className="line">
                <input
                  type="checkbox"
                  checked={withOpportunity}
                  onChange={(event) => setWithOpportunity(event.target.checked)}
                />
                {t('convert.with_opportunity', { object: opportunityMeta?.label ?? '' })}
              </label>
            </h3>
            {withOpportunity && (
              <div className="field-form">
                <div className="field-line">
                  <label htmlFor="convert-name">{t('convert.opportunity_name')}</label>
                  <Input
                    id="convert-name"
                    value={String(values.opportunity_name ?? '')}
                    onChange={(event) =>
                      setValues((before) => ({ ...before, opportunity_name: event.target.value }))
                    }
                  />
                </div>
                <div className="field-line">
                  <label htmlFor="convert-amount">
                    {t('convert.amount', { currency: format.currency })}
                  </label>
                  <InputNumber<number>
                    id="convert-amount"
                    style={{ width: '100%' }}
                    controls={false}
                    precision={2}
                    value={values.amount as number | null}
                    onChange={(amount) => setValues((before) => ({ ...before, amount }))}
                  />
                </div>
              </div>
            )}
          </div>
        )}
        {others.length > 0 && (
          <FieldForm
            fields={others}
            values={values}
            errors={errors}
            onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
          />
        )}
      </div>
    </Modal>
  );
}
