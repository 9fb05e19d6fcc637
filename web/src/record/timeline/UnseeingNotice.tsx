import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runAction } from '@/api/records';
import type { ObjectMeta } from '@/api/types';
import { Notice } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { refreshRecord } from '../cache';
import { forgetUnseeing, useUnseeing } from './unseeing';

/** Offers to let people in who were mentioned but do not see the record. */
export function UnseeingNotice({ object, id }: { object: ObjectMeta; id: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const people = useUnseeing(object.collection, id);
  const [busy, setBusy] = useState(false);
  if (people.length === 0) return null;
  const names = people.map(({ name }) => name).join(t('common.list_separator'));
  const add = async () => {
    setBusy(true);
    try {
      const user_ids = people.map((person) => person.id);
      await runAction(object.collection, id, 'add_members', { user_ids, access: 'read' });
      forgetUnseeing(client, object.collection, id);
      refreshRecord(client, object.collection, id);
      showToast({ kind: 'success', text: t('team.added', { names }) });
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="unseeing">
      <Notice kind="warn">
        <span className="grow">{t('team.unseeing', { names })}</span>
        <Button size="small" loading={busy} onClick={add}>
          {t('team.add_to_read')}
        </Button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('common.close')}
          onClick={() => forgetUnseeing(client, object.collection, id)}
        >
          <X size={14} aria-hidden="true" />
        </button>
      </Notice>
    </div>
  );
}
