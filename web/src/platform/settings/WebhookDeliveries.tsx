import { Button, Drawer } from 'antd';
import { FlaskConical, Inbox, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Empty, Notice, Pill, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { usePhone } from '@/ui/useMedia';
import { RowsState } from './parts';
import { useDeliveries } from './useWebhooks';
import {
  type Delivery,
  type DeliveryStatus,
  deliveryStatuses,
  momentOf,
  mostCounted,
  statusColors,
  typeInWords,
  type Webhook,
} from './webhooks';

/** How a message stands: what came back, how long that took, how often it was tried, when it goes out again. */
function useFacts() {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ status, attempts, answer, milliseconds, next_at }: Delivery): string[] => [
    ...(answer === null ? [] : [t('webhook.answer', { status: answer })]),
    ...(milliseconds === null
      ? []
      : [t('webhook.took', { milliseconds: format.number(milliseconds) })]),
    ...(attempts === 0 ? [] : [t('webhook.attempts', { count: attempts })]),
    ...(status === 'waiting' && next_at && Date.parse(next_at) > Date.now()
      ? [t('webhook.next', { when: momentOf(format, next_at) })]
      : []),
  ];
}

function DeliveryRow({
  delivery,
  isFollowed,
  busy,
  onSend,
}: {
  delivery: Delivery;
  isFollowed: boolean;
  busy: boolean;
  onSend: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model, hrefOf } = useRecordWorld();
  const factsOf = useFacts();
  const { object, record_id, status, problem } = delivery;
  const type = typeInWords(t, model, delivery.type);
  // A record that was deleted has no page until it comes back.
  const isThere = object !== '' && record_id !== null && !delivery.type.endsWith('.deleted');
  const facts = factsOf(delivery);
  return (
    <li
      className="webhook-delivery"
      data-event={delivery.event_id}
      data-followed={isFollowed || undefined}
    >
      <div className="line webhook-delivery-head">
        <span className="grow line webhook-delivery-what">
          <strong>{type}</strong>
          {isThere && (
            <a href={hrefOf(object, record_id)} target="_blank" rel="noreferrer">
              {t('webhook.record', { id: record_id })}
            </a>
          )}
          {object !== '' && !isThere && <span className="muted">#{record_id}</span>}
        </span>
        <Pill color={statusColors[status]} dot>
          {t(`webhook.status.${status}`)}
        </Pill>
        <span className="webhook-delivery-again">
          {status !== 'waiting' && (
            <button
              type="button"
              className="icon-button"
              disabled={busy}
              aria-label={t('webhook.send_again_of', { type, id: delivery.event_id })}
              title={t('webhook.send_again')}
              onClick={onSend}
            >
              <RotateCw size={15} aria-hidden="true" />
            </button>
          )}
        </span>
      </div>
      <p className="muted webhook-delivery-facts">
        <time dateTime={delivery.at}>
          {format.date(delivery.at)} {format.clock(delivery.at)}
        </time>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {problem && status !== 'delivered' && (
        <p className="webhook-delivery-problem">{problem.text}</p>
      )}
    </li>
  );
}

/** What has become of the message that somebody waits for. */
function Followed({ delivery }: { delivery: Delivery | undefined }) {
  const { t } = useTranslation();
  const factsOf = useFacts();
  const facts = delivery ? factsOf(delivery).join(' · ') : '';
  if (delivery?.status === 'delivered') {
    return <Notice kind="success">{t('webhook.test_delivered', { facts })}</Notice>;
  }
  if (delivery?.problem) {
    return (
      <Notice kind="error">
        {t('webhook.test_failed', { problem: delivery.problem.text, facts })}
      </Notice>
    );
  }
  return <Notice>{t('webhook.test_waits')}</Notice>;
}

/** The messages of one webhook beside the list of webhooks. */
export default function WebhookDeliveries({
  webhook,
  followed,
  onTest,
  onClose,
}: {
  webhook: Webhook;
  /** The message that has just been sent and is waited for. */
  followed: string | null;
  onTest: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const phone = usePhone();
  const [status, setStatus] = useState<DeliveryStatus | 'all'>('all');
  const [testing, setTesting] = useState(false);
  const { query, send, follow } = useDeliveries(webhook.id, status);
  const pages = query.data?.pages ?? [];
  const deliveries = pages.flatMap((page) => page.value);
  const message = deliveries.find(({ event_id }) => event_id === followed);
  const waiting = pages[0]?.waiting ?? 0;
  const test = async () => {
    setTesting(true);
    await onTest();
    setStatus('all');
    await follow();
    setTesting(false);
  };
  const testButton = (
    <Button
      loading={testing}
      disabled={!webhook.is_active}
      icon={<FlaskConical size={15} aria-hidden="true" />}
      onClick={() => void test()}
    >
      {t('webhook.send_test')}
    </Button>
  );
  return (
    <Drawer
      open
      size={phone ? '100%' : 680}
      title={t('webhook.deliveries_of', { name: webhook.name })}
      onClose={onClose}
    >
      <div className="stack webhook-deliveries">
        <div className="line webhook-deliveries-tools">
          <div className="webhook-statuses">
            <Tabs
              label={t('webhook.by_status')}
              items={(['all', ...deliveryStatuses] as const).map((key) => ({
                key,
                label: t(`webhook.status.${key}`),
              }))}
              value={status}
              onChange={setStatus}
            />
          </div>
          <span className="grow" />
          {testButton}
        </div>
        {/* Among messages of another status it is not to be seen. */}
        {followed !== null && (message || status === 'all') && <Followed delivery={message} />}
        {waiting > 0 && (
          <p className="muted" role="status">
            {[
              waiting >= mostCounted
                ? t('webhook.waiting_many', { count: format.number(mostCounted) })
                : t('webhook.waiting', { count: waiting }),
              ...(webhook.rests_until
                ? [t('webhook.next', { when: momentOf(format, webhook.rests_until) })]
                : []),
            ].join(' · ')}
          </p>
        )}
        <RowsState query={query} />
        {query.isSuccess && deliveries.length === 0 && (
          <Empty
            icon={<Inbox size={26} />}
            title={t(status === 'all' ? 'webhook.no_deliveries' : 'webhook.no_such_deliveries')}
            text={status === 'all' ? t('webhook.no_deliveries_text') : undefined}
          >
            {status !== 'all' && (
              <Button onClick={() => setStatus('all')}>{t('webhook.show_all')}</Button>
            )}
          </Empty>
        )}
        {deliveries.length > 0 && (
          <ul className="card webhook-rows">
            {deliveries.map((delivery) => (
              <DeliveryRow
                key={delivery.event_id}
                delivery={delivery}
                isFollowed={delivery.event_id === followed}
                busy={send.isPending}
                onSend={() => send.mutate(delivery)}
              />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <Button
            className="settings-more"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('settings.load_more')}
          </Button>
        )}
      </div>
    </Drawer>
  );
}
