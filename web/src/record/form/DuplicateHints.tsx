import { useQuery } from '@tanstack/react-query';
import { CircleAlert, Lightbulb } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import type { DuplicateAnswer, DuplicateHit, ObjectMeta, ValueHint } from '@/api/types';
import { Pill } from '@/ui/basics';
import { useRecordWorld } from '../context';
import type { OwnLead } from '../foreign/ArbitrateDialog';
import { ForeignActions } from '../foreign/ForeignActions';
import { type ForeignVerb, foreignOf } from '../foreign/foreign';
import type { Values } from './FieldForm';
import { HitClaim } from './HitClaim';

const stateColors: Record<string, string> = {
  owned: 'blue',
  open: 'blue',
  pool: 'green',
  voided: 'grey',
  deleted: 'grey',
  converted: 'purple',
};

/** Looks for duplicates of what is being typed, a moment after the last key. */
export function useDuplicates(object: ObjectMeta, names: readonly string[], values: Values) {
  const given = Object.fromEntries(
    names.flatMap((name): [string, string | number | string[]][] => {
      const value = values[name];
      if (typeof value === 'number') return [[name, value]];
      if (Array.isArray(value)) {
        const texts = value.filter((one): one is string => typeof one === 'string' && one !== '');
        return texts.length > 0 ? [[name, texts]] : [];
      }
      return typeof value === 'string' && value.trim().length >= 2 ? [[name, value.trim()]] : [];
    }),
  );
  const wanted = JSON.stringify(given);
  const [settled, setSettled] = useState(wanted);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(wanted), 450);
    return () => window.clearTimeout(timer);
  }, [wanted]);
  const { data } = useQuery({
    queryKey: ['duplicates', object.name, settled],
    enabled: settled !== '{}',
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      post<DuplicateAnswer>(
        '/duplicates',
        { object: object.name, values: JSON.parse(settled), id: null },
        { signal },
      ),
  });
  return settled === '{}' ? undefined : data;
}

/** Takes what may have been meant; `display` is how a record is called. */
type Take = (field: string, value: string | number, display?: string) => void;

const verbs: readonly ForeignVerb[] = ['join', 'arbitrate'];

function Hit({ hit, lead, onTake }: { hit: DuplicateHit; lead?: OwnLead; onTake?: Take }) {
  const { t } = useTranslation();
  const { model, hrefOf } = useRecordWorld();
  const target = model.object(hit.object);
  const foreign = foreignOf(hit, target?.collection);
  const offered = verbs.filter((verb) => hit.actions.includes(verb));
  const owner =
    hit.state === 'pool' ? null : (hit.owner ?? (hit.owner_text || t('duplicate.owned')));
  return (
    <li className="hit" data-tier={hit.tier}>
      <div className="line">
        <Pill color="grey">{hit.object_label}</Pill>
        <strong className="ellipsis grow">{hit.name}</strong>
        <Pill color={stateColors[hit.state]} dot>
          {t(`duplicate.state.${hit.state}`)}
        </Pill>
      </div>
      <div className="line muted hit-facts">
        <span>{t(hit.head_office ? 'duplicate.head_office' : `duplicate.tier.${hit.tier}`)}</span>
        <span className="ellipsis">{hit.evidence.join(' · ')}</span>
        {owner && (
          <span>{hit.owner_department ? `${owner} · ${hit.owner_department}` : owner}</span>
        )}
        {hit.last_activity_on && (
          <span>{t('duplicate.last_activity', { date: hit.last_activity_on })}</span>
        )}
        {hit.won && <span>{t('duplicate.won')}</span>}
        <span className="grow" />
        {onTake &&
          Object.entries(hit.proposes ?? {}).map(([name, id]) => (
            <button
              key={name}
              type="button"
              className="link-button"
              onClick={() => onTake(name, id, hit.name)}
            >
              {t('duplicate.set_as', {
                field: target?.fields.find((field) => field.name === name)?.label ?? name,
              })}
            </button>
          ))}
        {foreign && <ForeignActions foreign={foreign} verbs={offered} lead={lead} />}
        {hit.id !== null && target && hit.actions.includes('claim') && (
          <HitClaim object={target} id={hit.id} />
        )}
        {hit.id !== null && target && hit.actions.includes('open') && (
          <a href={hrefOf(hit.object, hit.id)} target="_blank" rel="noreferrer">
            {t('duplicate.open')}
          </a>
        )}
      </div>
    </li>
  );
}

/** What is to be said of the values, and the hits. `lead`: the own lead that they came up for, for a dispute about one of them. */
export function DuplicateHints({
  answer,
  lead,
  onTake,
}: {
  answer: DuplicateAnswer;
  lead?: OwnLead;
  onTake?: Take;
}) {
  return (
    <>
      <ValueHints hints={answer.hints ?? []} onTake={onTake} />
      <Hits answer={answer} lead={lead} onTake={onTake} />
    </>
  );
}

function ValueHints({ hints, onTake }: { hints: readonly ValueHint[]; onTake?: Take }) {
  const { t } = useTranslation();
  if (hints.length === 0) return null;
  return (
    <ul className="value-hints" aria-live="polite">
      {hints.map(({ field, code, message, suggestion }) => (
        <li key={`${field}.${code}`} className="line">
          <Lightbulb size={15} aria-hidden="true" />
          <span>{message}</span>
          {suggestion !== null && onTake && (
            <button type="button" className="link-button" onClick={() => onTake(field, suggestion)}>
              {t('duplicate.take')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Hits({
  answer,
  lead,
  onTake,
}: {
  answer: DuplicateAnswer;
  lead?: OwnLead;
  onTake?: Take;
}) {
  const { t } = useTranslation();
  if (answer.hits.length === 0) return null;
  // The same thing that is only shown is more than a likeness.
  const known = answer.verdict === 'none' && answer.hits.some((hit) => hit.tier !== 'F');
  return (
    <section className="hits" data-verdict={answer.verdict} aria-live="polite">
      <p className="line hits-title">
        <CircleAlert size={15} aria-hidden="true" />
        {t(`duplicate.verdict.${known ? 'known' : answer.verdict}`, { count: answer.hits.length })}
      </p>
      <ul>
        {answer.hits.map((hit) => (
          <Hit key={`${hit.object}.${hit.id ?? hit.name}`} hit={hit} lead={lead} onTake={onTake} />
        ))}
      </ul>
    </section>
  );
}
