import { Button, Modal, Progress, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '@/api/client';
import { isProblem } from '@/api/problem';
import type { ObjectMeta } from '@/api/types';
import { Notice, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';

interface ExportJob {
  id: number;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | string;
  progress?: { done: number; total: number };
  message?: string;
}

export interface ExportWhat {
  filter?: string;
  search?: string;
  columns: string[];
  orderby?: string;
  /** How many rows it will be, as far as that is known. */
  count: { value: number; exact: boolean } | null;
}

const pollMilliseconds = 700;

/** Exports what a list shows: its filter and order, the columns and format of one's choice. */
export default function ExportDialog({
  object,
  what,
  onClose,
}: {
  object: ObjectMeta;
  what: ExportWhat;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [kind, setKind] = useState<'xlsx' | 'csv'>('xlsx');
  const [which, setWhich] = useState<'shown' | 'all' | 'chosen'>('shown');
  const [chosen, setChosen] = useState<string[]>(what.columns);
  const [job, setJob] = useState<ExportJob | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const narrowed = Boolean(what.filter || what.search);
  const columns =
    which === 'shown'
      ? what.columns
      : which === 'all'
        ? object.fields.map((field) => field.name)
        : chosen;

  const run = async () => {
    setMessage(null);
    setJob({ id: 0, status: 'queued' });
    try {
      const { filter, search, orderby } = what;
      let current = await post<ExportJob>('/exports', {
        object: object.name,
        format: kind,
        columns,
        ...(filter ? { filter } : {}),
        ...(search ? { search } : {}),
        ...(orderby ? { orderby } : {}),
      });
      while (!['done', 'failed', 'cancelled'].includes(current.status)) {
        setJob(current);
        await new Promise((resolve) => window.setTimeout(resolve, pollMilliseconds));
        if (!alive.current) return;
        current = await get<ExportJob>(`/exports/${current.id}`);
      }
      if (current.status !== 'done') throw new Error(current.message ?? t('list.export_failed'));
      const link = document.createElement('a');
      link.href = `/api/v1/exports/${current.id}/file`;
      link.download = '';
      link.click();
      onClose();
    } catch (error) {
      setMessage(
        isProblem(error) || !(error instanceof TypeError)
          ? (error as Error).message
          : t('error.offline_kept'),
      );
    } finally {
      if (alive.current) setJob(null);
    }
  };
  const { done = 0, total = 0 } = job?.progress ?? {};
  return (
    <Modal
      open
      title={t('export.title', { object: object.label_plural })}
      onCancel={onClose}
      width={520}
      mask={{ closable: job === null }}
      footer={
        <div className="line form-buttons">
          <span className="grow" />
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            loading={job !== null}
            disabled={columns.length === 0}
            onClick={run}
          >
            {t('list.export')}
          </Button>
        </div>
      }
    >
      <div className="stack">
        {message && <Notice kind="error">{message}</Notice>}
        <p>
          {t(narrowed ? 'export.narrowed' : 'export.everything')}
          {what.count &&
            ` ${t(what.count.exact ? 'list.count' : 'list.count_at_least', {
              count: what.count.value,
              number: format.number(what.count.value),
            })}`}
        </p>
        <div className="export-choice">
          <span className="muted">{t('export.format')}</span>
          <Tabs
            label={t('export.format')}
            items={[
              { key: 'xlsx', label: 'Excel (xlsx)' },
              { key: 'csv', label: 'CSV' },
            ]}
            value={kind}
            onChange={setKind}
          />
        </div>
        <div className="export-choice">
          <span className="muted">{t('export.columns')}</span>
          <Tabs
            label={t('export.columns')}
            items={[
              { key: 'shown', label: t('export.shown', { count: what.columns.length }) },
              { key: 'all', label: t('export.all', { count: object.fields.length }) },
              { key: 'chosen', label: t('export.chosen') },
            ]}
            value={which}
            onChange={setWhich}
          />
        </div>
        {which === 'chosen' && (
          <Select<string[]>
            mode="multiple"
            aria-label={t('export.columns')}
            value={chosen}
            showSearch={{ optionFilterProp: 'label' }}
            options={object.fields.map((field) => ({ value: field.name, label: field.label }))}
            onChange={setChosen}
          />
        )}
        {job && (
          <div role="status">
            <Progress
              percent={total > 0 ? Math.floor((done / total) * 100) : 0}
              status="active"
              aria-label={t('export.running')}
            />
            <p className="muted">
              {t('export.running')}
              {done > 0 && ` ${format.number(done)}`}
            </p>
          </div>
        )}
      </div>
    </Modal>
  );
}
