import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import { runAction } from '@/api/records';
import type { ObjectMeta, RecordData } from '@/api/types';
import { refreshRecord } from '@/record/cache';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';

interface Activity {
  name: string;
  done: boolean;
  at: string | null;
  by: { id: number; name: string } | null;
}
interface Checklist {
  value: { stage: { id: number; name: string }; activities: Activity[] }[];
}

/**
 * The key activities of the stage that the opportunity stands in, and those of earlier stages that
 * are not done yet. Moving on needs them.
 */
export function KeyActivities({
  object,
  record,
  stageIds,
}: {
  object: ObjectMeta;
  record: RecordData;
  /** Of the open stages up to the present one, in their order. */
  stageIds: readonly number[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  // Shown at once; the server follows.
  const [asked, setAsked] = useState<{ key: string; done: boolean } | null>(null);
  const key = ['key_activities', record.id];
  const { data } = useQuery({
    queryKey: [...key, record.pipeline_id],
    enabled: record.status === 'open',
    queryFn: ({ signal }) =>
      get<Checklist>(`/opportunities/${record.id}/key_activities`, { signal }),
  });
  const groups = (data?.value ?? []).filter(
    ({ stage, activities }) =>
      stage.id === record.stage_id ||
      (stageIds.includes(stage.id) && activities.some((activity) => !activity.done)),
  );
  if (record.status !== 'open' || groups.length === 0) return null;
  const canTick = object.rights.includes('edit');

  const toggle = async (stage: number, activity: Activity) => {
    setAsked({ key: `${stage} ${activity.name}`, done: !activity.done });
    try {
      await runAction(
        'opportunities',
        record.id,
        activity.done ? 'untick_activity' : 'tick_activity',
        { name: activity.name, stage_id: stage },
      );
      await client.invalidateQueries({ queryKey: key });
      refreshRecord(client, object.collection, record.id);
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
    } finally {
      setAsked(null);
    }
  };
  return (
    <section className="key-activities" aria-label={t('board.key_activities')}>
      <span className="muted">{t('board.key_activities')}</span>
      <ul>
        {groups.flatMap(({ stage, activities }) =>
          activities.map((activity) => {
            const itsKey = `${stage.id} ${activity.name}`;
            const done = asked?.key === itsKey ? asked.done : activity.done;
            return (
              <li key={itsKey}>
                <label
                  className="line"
                  title={
                    activity.by && activity.at
                      ? t('board.done_by', {
                          name: activity.by.name,
                          when: format.relative(activity.at),
                        })
                      : undefined
                  }
                >
                  <input
                    type="checkbox"
                    checked={done}
                    disabled={!canTick || asked?.key === itsKey}
                    onChange={() => void toggle(stage.id, activity)}
                  />
                  <span data-done={done}>{activity.name}</span>
                  {stage.id !== record.stage_id && <span className="muted">{stage.name}</span>}
                </label>
              </li>
            );
          }),
        )}
      </ul>
    </section>
  );
}
