import { useTranslation } from 'react-i18next';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { referenceText } from '@/record/fields/shared/references';
import { Avatar, Pill } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { firstOf } from './decision';
import './arbitration.css';

type Party = 'claimant' | 'holder';

interface Referred {
  id: number;
  target: string;
  text: string;
}

function referred(object: ObjectMeta, dispute: RecordData, name: string): Referred | null {
  const field = object.fields.find((candidate) => candidate.name === name);
  const value = dispute[name];
  if (!field || typeof value !== 'number') return null;
  return { id: value, target: field.target ?? '', text: referenceText(field, dispute) };
}

/** The record that is disputed, for those who may see which one it is. */
export function disputedOf(object: ObjectMeta, dispute: RecordData): Referred | null {
  return referred(object, dispute, 'account_id') ?? referred(object, dispute, 'lead_id');
}

/** A link to the claimant's own lead, or to the record that is disputed. */
function Subject({
  label,
  of,
}: {
  label: string;
  of: { id: number; target: string; text: string };
}) {
  const { hrefOf } = useRecordWorld();
  return (
    <p>
      <span className="muted">{label} </span>
      <a href={hrefOf(of.target, of.id)} target="_blank" rel="noreferrer">
        {of.text}
      </a>
    </p>
  );
}

/** Both parties of a dispute in two scales: who they are and when they first followed up. */
export function Sides({ object, dispute }: { object: ObjectMeta; dispute: RecordData }) {
  const { t } = useTranslation();
  const format = useFormat();
  const first = firstOf(dispute);
  // A claimant who could not see the record does not learn who has it, and what was done there.
  const veiled = typeof dispute.holder_id !== 'number';
  const lead = referred(object, dispute, 'evidence_lead_id');
  const disputed = disputedOf(object, dispute);
  const side = (party: Party) => {
    const person = referred(object, dispute, `${party}_id`);
    const at = dispute[`${party}_followed_at`];
    return (
      <section className="scale" data-first={first === party || undefined}>
        <h3>{t(`arbitration.party.${party}`)}</h3>
        <div className="line">
          <Avatar name={person?.text ?? '?'} size={32} />
          <strong className="ellipsis">{person?.text ?? t('arbitration.unknown')}</strong>
          {first === party && (
            <Pill color="green" dot>
              {t('arbitration.first')}
            </Pill>
          )}
        </div>
        {!veiled && (
          <p>
            <span className="muted">{t('arbitration.followed_at')} </span>
            {typeof at === 'string' ? format.dateTime(at) : t('arbitration.never_followed')}
          </p>
        )}
        {party === 'claimant' && lead && <Subject label={t('arbitration.own_lead')} of={lead} />}
        {party === 'holder' && disputed && (
          <Subject label={t('arbitration.disputed')} of={disputed} />
        )}
      </section>
    );
  };
  return (
    <div className="scales">
      {side('claimant')}
      {side('holder')}
    </div>
  );
}
