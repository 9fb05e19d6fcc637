import { Input, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { DuplicateAnswer, FieldError, FieldMeta, RecordData } from '@/api/types';
import { type ActionDialogProps, useRecordWorld } from '@/record/context';
import { fieldKinds } from '@/record/fields/registry';
import { ForeignActions } from '@/record/foreign/ForeignActions';
import { useRunAction } from '@/record/form/ActionDialog';
import { DuplicateHints } from '@/record/form/DuplicateHints';
import { type Displays, FieldForm, type Values } from '@/record/form/FieldForm';
import { Restored } from '@/record/form/Restored';
import { actionDraft } from '@/record/form/useActionForm';
import { askedWhy, type Reasons } from '@/record/why';
import { Notice, Tabs } from '@/ui/basics';
import { useDraft } from '@/ui/draft';

/** The inputs that this dialog places itself; others that the action may have come below. */
const placed = new Set([
  'account_id',
  'account_name',
  'create_contact',
  'create_opportunity',
  'opportunity_name',
  'amount',
  'expected_close_date',
]);

interface Draft {
  target: 'new' | 'existing';
  withContact: boolean;
  withOpportunity: boolean;
  values: Values;
  displays: Displays;
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="convert-part">
      <div className="convert-title">{title}</div>
      {children}
    </section>
  );
}

/** Turns a lead into a customer, a contact and, if wanted, an opportunity. */
export default function ConvertDialog({
  object,
  action,
  records,
  onClose,
  onDone,
}: ActionDialogProps) {
  const { t } = useTranslation();
  const { model, openRecord } = useRecordWorld();
  const run = useRunAction(object);
  const [lead] = records;
  const company = String(lead.company ?? '');
  const inputs = action.input ?? [];
  const input = (name: string) => inputs.find((field) => field.name === name);
  const fresh = (): Draft => ({
    target: 'new',
    withContact: true,
    withOpportunity: true,
    values: {
      account_name: company,
      opportunity_name: t('convert.default_opportunity', { company }),
    },
    displays: {},
  });
  const draft = useDraft(actionDraft(object, action, records), fresh());
  const { target, withContact, withOpportunity, values, displays } = draft.value;
  const choose = (change: Partial<Draft>) => draft.set((before) => ({ ...before, ...change }));
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [hits, setHits] = useState<DuplicateAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const labelOf = (name: string) => model.object(name)?.label ?? name;
  const own = { id: lead.id, name: company };
  const foreign = errors.find(({ code }) => code === 'lead.foreign_account');
  const set = (name: string, value: unknown, display?: string) => {
    draft.set((before) => ({
      ...before,
      values: { ...before.values, [name]: value },
      displays: { ...before.displays, [name]: display },
    }));
    setErrors((before) => before.filter((entry) => entry.field !== name));
  };

  const done = (record: RecordData | null) => {
    draft.clear(fresh());
    onDone(record);
    const account = record?.account_id;
    if (typeof account === 'number') openRecord('account', account, { page: true });
  };

  const submit = async () => {
    setMessage(null);
    setHits(null);
    if (target === 'existing' && typeof values.account_id !== 'number') {
      return setMessage(t('convert.choose_account'));
    }
    const given: Values = {};
    const give = (name: string) => {
      const value = values[name];
      if (input(name) && value !== null && value !== undefined && value !== '') given[name] = value;
    };
    for (const field of inputs) if (!placed.has(field.name)) give(field.name);
    give(target === 'existing' ? 'account_id' : 'account_name');
    if (input('create_contact')) given.create_contact = withContact;
    if (input('create_opportunity')) given.create_opportunity = withOpportunity;
    if (withOpportunity) {
      for (const name of ['opportunity_name', 'amount', 'expected_close_date']) give(name);
    }
    setBusy(true);
    try {
      done(await run(action, records, given));
    } catch (error) {
      const again = async (reasons: Reasons) =>
        done(await run(action, records, { ...given, ...reasons }));
      if (askedWhy(error, again)) return;
      if (isProblem(error)) {
        setErrors(error.fields);
        if (error.hits.length > 0) setHits({ verdict: 'block', hits: error.hits });
      }
      // What is said beside the customer is not said twice.
      const theirs = isProblem(error)
        ? error.fields.find(({ code }) => code === 'lead.foreign_account')
        : undefined;
      const beside = theirs !== undefined && target === 'existing';
      setMessage(beside ? null : (theirs?.message ?? (error as Error).message));
    } finally {
      setBusy(false);
    }
  };
  const opportunityFields = ['opportunity_name', 'amount', 'expected_close_date'].flatMap(
    (name): FieldMeta[] => {
      const field = input(name);
      return field ? [{ ...field, required: true }] : [];
    },
  );
  const AccountInput = fieldKinds.reference.Input;

  return (
    <Modal
      open
      title={t('convert.title')}
      okText={action.label}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: busy }}
      onCancel={onClose}
      onOk={submit}
      mask={{ closable: false }}
      width={560}
    >
      <div className="stack">
        <p className="muted">{t('convert.text', { company })}</p>
        {draft.restored && <Restored onStartOver={() => draft.clear(fresh())} />}
        {message && <Notice kind="error">{message}</Notice>}
        {hits && <DuplicateHints answer={hits} lead={own} />}
        <Part title={labelOf('account')}>
          {input('account_id') && (
            <Tabs
              label={t('convert.account')}
              items={[
                { key: 'new', label: t('convert.new_account') },
                { key: 'existing', label: t('convert.existing_account') },
              ]}
              value={target}
              onChange={(next) => choose({ target: next })}
            />
          )}
          {target === 'existing' && AccountInput ? (
            <>
              <AccountInput
                field={{ name: 'account_id', type: 'reference', target: 'account', label: '' }}
                value={values.account_id ?? null}
                display={displays.account_id}
                label={t('convert.existing_account')}
                invalid={foreign !== undefined}
                onChange={(id, name) => set('account_id', id, name)}
              />
              {foreign && typeof values.account_id === 'number' && (
                <div className="line convert-foreign" role="alert">
                  <span className="grow">{foreign.message}</span>
                  <ForeignActions
                    foreign={{
                      object: 'account',
                      object_label: labelOf('account'),
                      name: displays.account_id ?? '',
                      at: {
                        collection: model.object('account')?.collection ?? 'accounts',
                        id: values.account_id,
                      },
                    }}
                    verbs={['join', 'arbitrate']}
                    lead={own}
                  />
                </div>
              )}
            </>
          ) : input('account_name') ? (
            <Input
              value={String(values.account_name ?? '')}
              aria-label={t('convert.account_name')}
              onChange={(event) => set('account_name', event.target.value)}
            />
          ) : (
            <p>{company}</p>
          )}
        </Part>
        <Part
          title={
            input('create_contact') ? (
              <label className="line">
                <input
                  type="checkbox"
                  checked={withContact}
                  onChange={(event) => choose({ withContact: event.target.checked })}
                />
                {t('convert.with_contact', { object: labelOf('contact') })}
              </label>
            ) : (
              labelOf('contact')
            )
          }
        >
          {withContact && (
            <p>
              {String(lead.name ?? '')}
              {lead.mobile ? <span className="muted"> · {String(lead.mobile)}</span> : null}
            </p>
          )}
        </Part>
        {opportunityFields.length > 0 && (
          <Part
            title={
              <label className="line">
                <input
                  type="checkbox"
                  checked={withOpportunity}
                  onChange={(event) => choose({ withOpportunity: event.target.checked })}
                />
                {t('convert.with_opportunity', { object: labelOf('opportunity') })}
              </label>
            }
          >
            {withOpportunity && (
              <FieldForm
                fields={opportunityFields}
                values={values}
                errors={errors}
                onChange={set}
              />
            )}
          </Part>
        )}
        {inputs.some((field) => !placed.has(field.name)) && (
          <FieldForm
            fields={inputs.filter((field) => !placed.has(field.name))}
            values={values}
            displays={displays}
            errors={errors}
            onChange={set}
          />
        )}
      </div>
    </Modal>
  );
}
