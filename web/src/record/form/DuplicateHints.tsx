import { useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import type { DuplicateAnswer, DuplicateHit, ObjectMeta } from '@/api/types';
import { Pill } from '@/ui/basics';
import { useRecordWorld } from '../context';
import type { Values } from './FieldForm';
import { JoinDialog } from './JoinDialog';

const stateColors: Record<string, string> = {
  owned: 'blue',
  pool: 'green',
  voided: 'grey',
  deleted: 'grey',
  converted: 'purple',
};

/** Looks for duplicates of what is being typed, a moment after the last key. */
export function useDuplicates(object: ObjectMeta, names: readonly string[], values: Values) {
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name];
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

function Hit({ hit }: { hit: DuplicateHit }) {
  const { t } = useTranslation();
  const { model, hrefOf } = useRecordWorld();
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false);
  const target = model.object(hit.object);
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
        <span>{t(`duplicate.tier.${hit.tier}`)}</span>
        <span className="ellipsis">{hit.evidence.join(' · ')}</span>
        {owner && <span>{owner}</span>}
        {hit.last_activity_on && (
          <span>{t('duplicate.last_activity', { date: hit.last_activity_on })}</span>
        )}
        {hit.won && <span>{t('duplicate.won')}</span>}
        <span className="grow" />
        {hit.ticket && hit.actions.includes('join') && (
          <button
            type="button"
            className="link-button"
            disabled={asked}
            onClick={() => setAsking(true)}
          >
            {t(asked ? 'team.asked' : 'team.ask')}
          </button>
        )}
        {hit.id !== null && target && hit.actions.includes('open') && (
          <a href={hrefOf(hit.object, hit.id)} target="_blank" rel="noreferrer">
            {hit.state === 'pool' && hit.actions.includes('claim')
              ? t('duplicate.open_and_claim')
              : t('duplicate.open')}
          </a>
        )}
      </div>
      {asking && (
        <JoinDialog
          hit={hit}
          onClose={() => setAsking(false)}
          onAsked={() => {
            setAsking(false);
            setAsked(true);
          }}
        />
      )}
    </li>
  );
}

export function DuplicateHints({ answer }: { answer: DuplicateAnswer }) {
  const { t } = useTranslation();
  if (answer.hits.length === 0) return null;
  return (
    <section className="hits" data-verdict={answer.verdict} aria-live="polite">
      <p className="line hits-title">
        <CircleAlert size={15} aria-hidden="true" />
        {t(`duplicate.verdict.${answer.verdict}`, { count: answer.hits.length })}
      </p>
      <ul>
        {answer.hits.map((hit) => (
          <Hit key={`${hit.object}.${hit.id ?? hit.name}`} hit={hit} />
        ))}
      </ul>
    </section>
  );
}
