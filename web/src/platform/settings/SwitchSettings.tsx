import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, put } from '@/api/client';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { RowsState, SectionHead } from './parts';

interface Rule {
  name: string;
  label: string;
  help: string;
  is_on: boolean;
}

/** Rules of the whole organisation that are either on or off; what there is, the server says. */
export default function SwitchSettings() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const key = ['settings', 'switches'];
  const query = useQuery({ queryKey: key, queryFn: () => get<{ value: Rule[] }>('/switches') });
  const [message, setMessage] = useState<string | null>(null);
  const turn = async (rule: Rule, is_on: boolean) => {
    setMessage(null);
    try {
      client.setQueryData(key, await put('/switches', { [rule.name]: is_on }));
      showToast({ kind: 'success', text: t('record.saved') });
    } catch (error) {
      setMessage((error as Error).message);
    }
  };
  return (
    <>
      <SectionHead title={t('settings.section.switches')} text={t('settings.switches_text')} />
      <RowsState query={query} />
      {message && <Notice kind="error">{message}</Notice>}
      {query.data?.value.map((rule) => (
        <section key={rule.name} className="card settings-card" aria-label={rule.label}>
          <div className="line">
            <div className="grow">
              <h3>{rule.label}</h3>
              <p className="muted">{rule.help}</p>
            </div>
            <Switch
              aria-label={rule.label}
              checked={rule.is_on}
              onChange={(on) => turn(rule, on)}
            />
          </div>
        </section>
      ))}
    </>
  );
}
