import { Button } from 'antd';
import { FlaskConical, History, KeyRound, Pencil, Play, Power, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FieldMeta, ObjectMeta } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { labelOf } from '@/record/fields/shared/choices';
import { Notice, Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import {
  addressParts,
  momentOf,
  problemInWords,
  stateColors,
  stateOf,
  type Webhook,
} from './webhooks';

export interface WebhookDoings {
  onEdit: () => void;
  onDelete: () => void;
  onSecret: () => void;
  onDeliveries: () => void;
  onTest: () => void;
  onResume: () => void;
  onTurnOn: () => void;
}

/** What is wrong with a webhook, since when, and what can be done about it. */
function Trouble({
  webhook,
  busy,
  doings,
}: {
  webhook: Webhook;
  busy: boolean;
  doings: WebhookDoings;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { failing_since, rests_until, last_problem, is_active } = webhook;
  if (!failing_since) {
    if (is_active) return null;
    return (
      <Notice kind="info">
        <p>{t('webhook.is_off')}</p>
        <Button
          size="small"
          icon={<Power size={13} aria-hidden="true" />}
          onClick={doings.onTurnOn}
        >
          {t('webhook.turn_on')}
        </Button>
      </Notice>
    );
  }
  return (
    <Notice kind="warn">
      <p>
        {t(is_active ? 'webhook.fails_since' : 'webhook.failed_since', {
          when: format.dateTime(failing_since),
        })}
      </p>
      {last_problem && <p>{problemInWords(t, last_problem)}</p>}
      {is_active && rests_until && (
        <>
          <p>{t('webhook.next', { when: momentOf(format, rests_until) })}</p>
          <Button
            size="small"
            loading={busy}
            icon={<Play size={13} aria-hidden="true" />}
            onClick={doings.onResume}
          >
            {t('webhook.resume')}
          </Button>
        </>
      )}
      {!is_active && (
        <Button
          size="small"
          icon={<Power size={13} aria-hidden="true" />}
          onClick={doings.onTurnOn}
        >
          {t('webhook.turn_on')}
        </Button>
      )}
    </Notice>
  );
}

/** One webhook: where it goes, what about, how it does. */
export function WebhookCard({
  object,
  webhook,
  busy,
  doings,
}: {
  object: ObjectMeta;
  webhook: Webhook;
  /** Something that was asked of it is on its way. */
  busy: boolean;
  doings: WebhookDoings;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { model } = useRecordWorld();
  const { name, url, last_delivered_at } = webhook;
  const state = stateOf(webhook);
  const { scheme, host, rest } = addressParts(url);
  const separator = t('common.list_separator');
  const field = (wanted: string): FieldMeta =>
    object.fields.find((each) => each.name === wanted) ?? {
      name: wanted,
      type: 'text',
      label: wanted,
    };
  const events = field('events');
  const facts: [string, string][] = [
    [
      field('objects').label,
      (webhook.objects ?? []).map((each) => model.object(each)?.label ?? each).join(separator),
    ],
    [
      events.label,
      (webhook.events ?? []).map((each) => labelOf(events, each)).join(separator) ||
        t('webhook.all_events'),
    ],
    [field('user_id').label, webhook.user?.name ?? ''],
    [
      field('last_delivered_at').label,
      last_delivered_at ? format.relative(last_delivered_at) : t('webhook.never'),
    ],
  ];
  return (
    <article className="card settings-card webhook-card" aria-label={name} data-state={state}>
      <header className="line">
        <h3 className="ellipsis" title={name}>
          {name}
        </h3>
        <Pill color={stateColors[state]} dot>
          {t(`webhook.state.${state}`)}
        </Pill>
        <span className="grow" />
        <button
          type="button"
          className="icon-button"
          aria-label={t('settings.edit_of', { name })}
          title={t('settings.edit')}
          onClick={doings.onEdit}
        >
          <Pencil size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('settings.delete_of', { name })}
          title={t('common.delete')}
          onClick={doings.onDelete}
        >
          <Trash2 size={15} aria-hidden="true" />
        </button>
      </header>
      <p className="ellipsis webhook-address" title={url}>
        <span className="muted">{scheme}</span>
        {host}
        <span className="muted">{rest}</span>
      </p>
      <Trouble webhook={webhook} busy={busy} doings={doings} />
      <dl className="settings-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value || '—'}</dd>
          </div>
        ))}
      </dl>
      <footer className="line webhook-buttons">
        <Button icon={<History size={14} aria-hidden="true" />} onClick={doings.onDeliveries}>
          {t('webhook.deliveries')}
        </Button>
        <Button
          loading={busy}
          disabled={state === 'off'}
          icon={<FlaskConical size={14} aria-hidden="true" />}
          onClick={doings.onTest}
        >
          {t('webhook.send_test')}
        </Button>
        <Button icon={<KeyRound size={14} aria-hidden="true" />} onClick={doings.onSecret}>
          {t('webhook.secret')}
        </Button>
      </footer>
    </article>
  );
}
