import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnLead } from './ArbitrateDialog';
import type { Foreign, ForeignVerb } from './foreign';

const JoinDialog = lazy(() => import('./JoinDialog'));
const ArbitrateDialog = lazy(() => import('./ArbitrateDialog'));

const words = {
  join: ['team.ask', 'team.asked'],
  arbitrate: ['arbitration.raise', 'arbitration.raised_short'],
} as const;

/** Buttons for what can be done about somebody else's record, each until it was done. */
export function ForeignActions({
  foreign,
  verbs,
  lead,
}: {
  foreign: Foreign;
  verbs: readonly ForeignVerb[];
  lead?: OwnLead;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<ForeignVerb | null>(null);
  const [done, setDone] = useState<readonly ForeignVerb[]>([]);
  const dialog = {
    foreign,
    onClose: () => setOpen(null),
    onAsked: () => {
      setDone((before) => (open ? [...before, open] : before));
      setOpen(null);
    },
  };
  return (
    <>
      {verbs.map((verb) => (
        <button
          key={verb}
          type="button"
          className="link-button"
          disabled={done.includes(verb)}
          onClick={() => setOpen(verb)}
        >
          {t(words[verb][done.includes(verb) ? 1 : 0])}
        </button>
      ))}
      <Suspense fallback={null}>
        {open === 'join' && <JoinDialog {...dialog} />}
        {open === 'arbitrate' && <ArbitrateDialog {...dialog} lead={lead} />}
      </Suspense>
    </>
  );
}
