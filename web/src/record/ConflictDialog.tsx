import { useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordData } from '@/api/types';
import { Notice } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { patchCaches, refreshRecord } from './cache';
import { askConflict, type ConflictQuestion } from './conflict';
import { kindOf } from './fields/registry';

/** Shows both values of each field and lets one be chosen. */
export default function ConflictDialog({ question: asked }: { question: ConflictQuestion }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const { object, record, change, displays, problem, save } = asked;
  const current = problem.current;

  const text = (name: string, value: unknown, source: RecordData) => {
    const field = object.fields.find((candidate) => candidate.name === name);
    if (!field) return String(value ?? '');
    return kindOf(field).toText(value, { field, record: source, format });
  };
  const takeTheirs = () => {
    if (current) patchCaches(client, object.collection, record.id, current);
    refreshRecord(client, object.collection, record.id);
    askConflict(null);
  };
  const keepMine = async () => {
    setBusy(true);
    setMessage(null);
    try {
      const fresh = { ...record, ...(current ?? {}) };
      if (current) patchCaches(client, object.collection, record.id, current);
      await save(fresh, change, displays);
      askConflict(null);
    } catch (error) {
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t('conflict.title')}
      onCancel={takeTheirs}
      width={560}
      footer={[
        <Button key="theirs" onClick={takeTheirs}>
          {t('conflict.take_theirs')}
        </Button>,
        <Button key="mine" type="primary" loading={busy} onClick={keepMine}>
          {t('conflict.keep_mine')}
        </Button>,
      ]}
    >
      <div className="stack">
        <p>{t('conflict.text')}</p>
        {message && <Notice kind="error">{message}</Notice>}
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('conflict.field')}</th>
              <th scope="col">{t('conflict.yours')}</th>
              <th scope="col">{t('conflict.theirs')}</th>
            </tr>
          </thead>
          <tbody>
            {Object.keys(change).map((name) => {
              const entry = problem.conflicts.find((conflict) => conflict.field === name);
              const label = object.fields.find((field) => field.name === name)?.label ?? name;
              return (
                <tr key={name}>
                  <th scope="row">{label}</th>
                  <td>{displays[name] ?? text(name, change[name], record)}</td>
                  <td>{text(name, entry?.theirs ?? current?.[name], current ?? record)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Modal>
  );
}
