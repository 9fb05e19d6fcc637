import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { type FormEvent, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, put } from '@/api/client';
import { isProblem } from '@/api/problem';
import { sessionQuery } from '@/api/session';
import type { FieldError } from '@/api/types';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { RowsState, SectionHead } from './parts';

interface Organisation {
  name: string;
  time_zone: string;
  currency: string;
}

const currencies = ['CNY', 'TWD', 'HKD', 'MOP', 'USD', 'EUR', 'JPY', 'SGD', 'GBP', 'AUD'];

function Form({ initial }: { initial: Organisation }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const client = useQueryClient();
  const [value, setValue] = useState(initial);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const currencyNames = useMemo(
    () => new Intl.DisplayNames(i18n.language, { type: 'currency' }),
    [i18n.language],
  );
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const changed = JSON.stringify(value) !== JSON.stringify(initial);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors([]);
    setMessage(null);
    try {
      const saved = await put<Organisation>('/organisation', value);
      client.setQueryData(['settings', 'organisation'], saved);
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      showToast({ kind: 'success', text: t('record.saved') });
    } catch (error) {
      if (isProblem(error)) setErrors(error.fields);
      setMessage(isProblem(error) ? error.message : t('error.offline_kept'));
    } finally {
      setBusy(false);
    }
  };
  const help = (name: string, text?: string) => {
    const error = errors.find((entry) => entry.field === name)?.message;
    if (!error && !text) return null;
    return (
      <p id={`${id}-${name}-help`} className="field-help" role={error ? 'alert' : undefined}>
        {error ?? text}
      </p>
    );
  };
  return (
    <form className="stack settings-form" onSubmit={submit}>
      {message && <Notice kind="error">{message}</Notice>}
      <div className="field-line">
        <label htmlFor={`${id}-name`}>{t('access.organisation')}</label>
        <Input
          id={`${id}-name`}
          value={value.name}
          maxLength={100}
          onChange={(event) => setValue({ ...value, name: event.target.value })}
        />
        {help('name')}
      </div>
      <div className="field-line">
        <label htmlFor={`${id}-zone`}>{t('settings.time_zone')}</label>
        <Select
          id={`${id}-zone`}
          showSearch
          value={value.time_zone}
          options={zones.map((zone) => ({ value: zone, label: zone }))}
          onChange={(time_zone) => setValue({ ...value, time_zone })}
        />
        {help('time_zone', t('settings.time_zone_help'))}
      </div>
      <div className="field-line">
        <label htmlFor={`${id}-currency`}>{t('settings.currency')}</label>
        <Select
          id={`${id}-currency`}
          value={value.currency}
          options={[...new Set([value.currency, ...currencies])].map((code) => ({
            value: code,
            label: `${code} · ${currencyNames.of(code) ?? code}`,
          }))}
          onChange={(currency) => setValue({ ...value, currency })}
        />
        {help('currency', t('settings.currency_help'))}
      </div>
      <Button
        type="primary"
        htmlType="submit"
        loading={busy}
        disabled={!changed || value.name.trim() === ''}
      >
        {t('common.save')}
      </Button>
    </form>
  );
}

export default function OrganisationSettings() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['settings', 'organisation'],
    queryFn: () => get<Organisation>('/organisation'),
  });
  return (
    <>
      <SectionHead
        title={t('settings.section.organisation')}
        text={t('settings.organisation_text')}
      />
      <RowsState query={query} />
      {query.data && (
        <div className="card settings-card">
          <Form initial={query.data} />
        </div>
      )}
    </>
  );
}
