import { Input } from 'antd';
import { Fragment } from 'react';
import type { FieldMeta } from '@/api/types';
import { isEditable } from '../fields/registry';
import { ContactPicker, type Named } from './ContactPicker';

/** What a follow-up may say besides its text. */
export interface More {
  contacts: readonly Named[];
  feedback: string;
  next_plan: string;
}

export const nothingMore: More = { contacts: [], feedback: '', next_plan: '' };

export const saysMore = (more: More) =>
  more.contacts.length > 0 || more.feedback !== '' || more.next_plan !== '';

/** As the server takes it; what this person may not write is not among the fields. */
export function asFields(more: More): Record<string, unknown> {
  return {
    contact_ids: more.contacts.map(({ id }) => id),
    feedback: more.feedback.trim() === '' ? null : more.feedback,
    next_plan: more.next_plan.trim() === '' ? null : more.next_plan,
  };
}

export function MoreFields({
  fields,
  account,
  value,
  labelled = false,
  onChange,
}: {
  /** Names stand above the inputs, which are filled already. */
  labelled?: boolean;
  /** Of follow-ups. */
  fields: readonly FieldMeta[];
  account: number | null;
  value: More;
  onChange: (part: Partial<More>) => void;
}) {
  const editable = (name: string) =>
    fields.find((field) => field.name === name && isEditable(field));
  const contacts = editable('contact_ids');
  const long = (['feedback', 'next_plan'] as const).flatMap((name) => editable(name) ?? []);
  return (
    <div className="composer-more">
      {contacts && labelled && <span className="muted">{contacts.label}</span>}
      {contacts && (
        <ContactPicker
          field={contacts}
          account={account}
          value={value.contacts}
          onChange={(people) => onChange({ contacts: people })}
        />
      )}
      {long.map((field) => (
        <Fragment key={field.name}>
          {labelled && <span className="muted">{field.label}</span>}
          <Input.TextArea
            autoSize={{ minRows: 1, maxRows: 6 }}
            value={value[field.name as 'feedback' | 'next_plan']}
            maxLength={field.max_length || undefined}
            placeholder={field.label}
            aria-label={field.label}
            onChange={(event) => onChange({ [field.name]: event.target.value })}
          />
        </Fragment>
      ))}
    </div>
  );
}
