import { Webhook as WebhookSign } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { useDelete } from '@/record/form/useActions';
import { useSave } from '@/record/useSave';
import { Empty } from '@/ui/basics';
import { showToast } from '@/ui/toast';
import { useRefresh } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';
import { ask, useWebhooks } from './useWebhooks';
import { WebhookCard } from './WebhookCard';
import { pushableObjects, type Webhook } from './webhooks';

const WebhookSecret = lazy(() => import('./WebhookSecret'));
const WebhookDeliveries = lazy(() => import('./WebhookDeliveries'));

const fields = ['name', 'url', 'objects', 'events', 'user_id', 'is_active'];

/** What lies over the list, and about which webhook. */
type Open =
  | { what: 'editor'; webhook: Webhook | null }
  | { what: 'secret'; webhook: Webhook; isNew: boolean }
  | { what: 'deliveries'; id: number; followed: string | null };

const tell = (error: Error) => showToast({ kind: 'error', text: error.message });

function Webhooks({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const { user } = useSession();
  const query = useWebhooks();
  const remove = useDelete(object);
  const save = useSave(object);
  const refresh = useRefresh(object.collection);
  const [open, setOpen] = useState<Open | null>(null);
  const [busy, setBusy] = useState<number | null>(null);
  const close = () => setOpen(null);

  const work = async (webhook: Webhook, doing: () => Promise<unknown>) => {
    setBusy(webhook.id);
    await doing().catch(tell);
    setBusy(null);
    await refresh();
  };
  const test = (webhook: Webhook) =>
    work(webhook, async () => {
      const { event_id } = await ask(webhook.id, 'send_test');
      // Whoever tests wants to know now, not when the receiver would be tried next.
      if (webhook.rests_until) await ask(webhook.id, 'resume');
      setOpen({ what: 'deliveries', id: webhook.id, followed: event_id ?? null });
    });

  const events = object.fields.find((field) => field.name === 'events');
  const help = (name: string): Partial<FieldMeta> => ({ help: t(`webhook.help.${name}`) });
  const followed =
    open?.what === 'deliveries' ? query.data?.find((row) => row.id === open.id) : undefined;
  return (
    <>
      <SectionHead title={t('settings.section.webhooks')} text={t('webhook.text')}>
        <NewButton
          label={t('webhook.new')}
          onClick={() => setOpen({ what: 'editor', webhook: null })}
        />
      </SectionHead>
      <RowsState query={query} />
      {query.data?.length === 0 && (
        <Empty
          icon={<WebhookSign size={26} />}
          title={t('webhook.none_title')}
          text={t('webhook.none_text')}
        />
      )}
      <div className="settings-cards webhook-cards">
        {(query.data ?? []).map((webhook) => (
          <WebhookCard
            key={webhook.id}
            object={object}
            webhook={webhook}
            busy={busy === webhook.id}
            doings={{
              onEdit: () => setOpen({ what: 'editor', webhook }),
              onDelete: () => void remove([webhook]).then(refresh),
              onSecret: () => setOpen({ what: 'secret', webhook, isNew: false }),
              onDeliveries: () => setOpen({ what: 'deliveries', id: webhook.id, followed: null }),
              onTest: () => void test(webhook),
              onResume: () => void work(webhook, () => ask(webhook.id, 'resume')),
              onTurnOn: () => void work(webhook, () => save(webhook, { is_active: true })),
            }}
          />
        ))}
      </div>
      {open?.what === 'editor' && (
        <RecordEditor
          object={object}
          record={open.webhook}
          fields={fields}
          preset={{
            is_active: true,
            events: (events?.options ?? []).map(({ value }) => value),
            user_id: user.id,
          }}
          presetDisplays={{ user_id: user.name }}
          override={{
            objects: {
              ...help('objects'),
              type: 'multi_select',
              required: true,
              options: pushableObjects(model).map(({ name, label }) => ({ value: name, label })),
            },
            is_active: help('active'),
          }}
          // What was just made goes on to its secret, which the editor's own end leaves open.
          onSaved={(made) => {
            if (made) setOpen({ what: 'secret', webhook: made as Webhook, isNew: true });
          }}
          onClose={() => setOpen((now) => (now?.what === 'editor' ? null : now))}
        />
      )}
      {open?.what === 'secret' && (
        <Suspense fallback={null}>
          <WebhookSecret webhook={open.webhook} isNew={open.isNew} onClose={close} />
        </Suspense>
      )}
      {open?.what === 'deliveries' && followed && (
        <Suspense fallback={null}>
          <WebhookDeliveries
            webhook={followed}
            followed={open.followed}
            onTest={() => test(followed)}
            onClose={() => {
              close();
              void refresh();
            }}
          />
        </Suspense>
      )}
    </>
  );
}

export default function WebhookSettings() {
  const { model } = useRecordWorld();
  const object = model.object('webhook');
  return object ? <Webhooks object={object} /> : null;
}
