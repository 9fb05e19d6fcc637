import type { TFunction } from 'i18next';
import type { Model } from '@/api/meta';
import type { ObjectMeta, RecordData } from '@/api/types';
import { labelOf } from '@/record/fields/shared/choices';
import type { Format } from '@/ui/format';

/** Somebody else's address that is told of every change, and how that goes. */
export interface Webhook extends RecordData {
  name: string;
  url: string;
  is_active: boolean;
  objects: string[];
  events: string[];
  user_id: number;
  user?: { name: string } | null;
  failing_since: string | null;
  rests_until: string | null;
  last_problem: string | null;
  last_delivered_at: string | null;
}

export const deliveryStatuses = ['waiting', 'delivered', 'failed', 'skipped'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One message to one webhook. */
export interface Delivery {
  event_id: string;
  /** `account.created`; `webhook.test` is about no record. */
  type: string;
  object: string;
  record_id: number | null;
  version: number | null;
  at: string;
  status: DeliveryStatus;
  attempts: number;
  next_at: string | null;
  /** The HTTP status of the last answer. */
  answer: number | null;
  problem: { code: string; text: string } | null;
  done_at: string | null;
  milliseconds: number | null;
}

export interface DeliveryPage {
  value: Delivery[];
  next: string | number | null;
  /** How many wait in all, whatever the filter is; at most `mostCounted`. */
  waiting: number;
}

/** The server counts no further: as many or more. */
export const mostCounted = 1000;

/** Off, in trouble, nothing sent yet, or fine: what stands in the list. */
export type WebhookState = 'off' | 'failing' | 'unused' | 'fine';

export function stateOf(webhook: Webhook): WebhookState {
  if (!webhook.is_active) return 'off';
  if (webhook.failing_since) return 'failing';
  return webhook.last_delivered_at ? 'fine' : 'unused';
}

export const stateColors: Record<WebhookState, string> = {
  off: 'grey',
  failing: 'orange',
  unused: 'blue',
  fine: 'green',
};

export const statusColors: Record<DeliveryStatus, string> = {
  waiting: 'orange',
  delivered: 'green',
  failed: 'red',
  skipped: 'grey',
};

/** What the messages can be about: what people work with, not the settings. */
export function pushableObjects(model: Model): ObjectMeta[] {
  return model.objects.filter((object) => object.group && !object.configuration);
}

/** `account.created` as people say it: the words of the object and of the kind of change. */
export function typeInWords(t: TFunction, model: Model, type: string): string {
  if (type === 'webhook.test') return t('webhook.test');
  const [object = '', event = ''] = type.split('.');
  const events = model.object('webhook')?.fields.find((field) => field.name === 'events');
  const change = events ? labelOf(events, event) : event;
  return `${model.object(object)?.label ?? object} · ${change}`;
}

/** What went wrong; codes of a newer server are shown as they are. */
export function problemInWords(t: TFunction, code: string): string {
  return t(`webhook.problem.${code}`, { defaultValue: t('webhook.problem_other', { code }) });
}

/** An address in the parts that differ in weight; what is no address is its own end. */
export function addressParts(url: string): { scheme: string; host: string; rest: string } {
  const [, scheme = '', host = '', rest = url] = /^([a-z]+:\/\/)([^/?#]+)(.*)$/i.exec(url) ?? [];
  return { scheme, host, rest };
}

/** A point in time for people who wait for it: of today the seconds, too. */
export function momentOf(format: Format, instant: string): string {
  return format.daysUntil(instant) === 0 ? format.clock(instant) : format.dateTime(instant);
}
