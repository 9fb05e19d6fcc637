import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import type { Model } from '@/api/meta';
import { useModel } from '@/api/meta';
import { preferencesQuery, useSession } from '@/api/session';
import { BulkHost } from '@/record/bulk/bulk';
import { type RecordWorld, RecordWorldProvider } from '@/record/context';
import { adoptLayouts } from '@/record/list/listState';
import { PasteHost } from '@/record/paste/paste';
import { WhyHost } from '@/record/why';
import { usePhone } from '@/ui/useMedia';
import { descriptorOf, modules } from '../modules';
import { DesktopShell } from './DesktopShell';
import { useLiveEvents } from './useLiveEvents';

const PhoneShell = lazy(() => import('./PhoneShell'));
const QuickCreate = lazy(() => import('@/record/form/QuickCreate'));

interface Creating {
  object: string;
  preset?: Record<string, unknown>;
  displays?: Record<string, string>;
}

/** The frame of every page: gives the record screens their world and chooses the form of the frame. */
export function Shell() {
  const session = useSession();
  const model = useModel(session.user.language);
  return model ? <Framed model={model} /> : null;
}

function Framed({ model }: { model: Model }) {
  const session = useSession();
  const phone = usePhone();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [creating, setCreating] = useState<Creating | null>(null);
  useLiveEvents(model);
  const { data: preferences } = useQuery(preferencesQuery);
  useEffect(() => {
    if (preferences) adoptLayouts(preferences);
  }, [preferences]);

  const hrefOf = useCallback(
    (object: string, id: number) =>
      descriptorOf(object)?.page?.path ??
      `/${model.object(object)?.collection ?? `${object}s`}/${id}`,
    [model],
  );
  const openRecord = useCallback<RecordWorld['openRecord']>(
    (name, id, options = {}) => {
      const collection = model.object(name)?.collection ?? `${name}s`;
      if (options.newTab) {
        window.open(hrefOf(name, id), '_blank', 'noopener');
        return;
      }
      const { page } = descriptorOf(name) ?? {};
      if (page) {
        void navigate({ to: page.path });
        return;
      }
      if (!options.page && !phone && path === `/${collection}`) {
        void navigate({
          to: '/$collection',
          params: { collection },
          search: (before) => ({ ...before, id }),
          replace: true,
        });
        return;
      }
      void navigate({
        to: '/$collection/$id',
        params: { collection, id: String(id) },
        replace: options.replace,
      });
    },
    [model, navigate, path, phone, hrefOf],
  );
  const create = useCallback<RecordWorld['create']>(
    (object, preset, displays) => setCreating({ object, preset, displays }),
    [],
  );
  const world = useMemo<RecordWorld>(
    () => ({
      model,
      me: session.user.id,
      isAdmin: session.user.is_admin,
      descriptor: descriptorOf,
      descriptors: modules,
      openRecord,
      hrefOf,
      create,
    }),
    [model, session.user.id, session.user.is_admin, openRecord, hrefOf, create],
  );
  const creatingObject = creating ? model.object(creating.object) : undefined;
  return (
    <RecordWorldProvider value={world}>
      {phone ? (
        <Suspense fallback={null}>
          <PhoneShell>
            <Outlet />
          </PhoneShell>
        </Suspense>
      ) : (
        <DesktopShell>
          <Outlet />
        </DesktopShell>
      )}
      {creating && creatingObject && (
        <Suspense fallback={null}>
          <QuickCreate
            key={creating.object}
            object={creatingObject}
            preset={creating.preset}
            displays={creating.displays}
            onClose={() => setCreating(null)}
          />
        </Suspense>
      )}
      <WhyHost />
      <BulkHost />
      <PasteHost />
    </RecordWorldProvider>
  );
}
