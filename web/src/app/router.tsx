import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { type ImportSearch, readStep } from '@/platform/import/steps';
import { readListSearch } from '@/record/list/listState';
import { Unreachable } from './pages/Unreachable';
import { Shell } from './shell/Shell';

/**
 * A page that is loaded when it is opened. Without the server it says so and stays in the frame; the
 * router's own answer, loading everything anew, would leave the reader with nothing.
 */
function page(load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(() =>
    load().catch(async (error: unknown) => {
      const reached = await fetch('/healthz', { cache: 'no-store' }).then(
        () => true,
        () => false,
      );
      if (reached) throw error;
      return { default: Unreachable };
    }),
  );
}

const rootRoute = createRootRoute({ component: Shell });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: page(() => import('./pages/Home')),
});

const notificationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/notifications',
  component: page(() => import('./pages/Notifications')),
});

const profileRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/profile',
  component: page(() => import('./pages/Profile')),
});

const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: (raw: Record<string, unknown>): { q?: string } =>
    raw.q === undefined ? {} : { q: String(raw.q) },
  component: page(() => import('./pages/Search')),
});

const moreRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/more',
  component: page(() => import('./pages/More')),
});

const recycleBinRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/recycle_bin',
  validateSearch: (raw: Record<string, unknown>): { object?: string } =>
    raw.object === undefined ? {} : { object: String(raw.object) },
  component: page(() => import('./pages/RecycleBin')),
});

const dataQualityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/data_quality',
  component: page(() => import('./pages/DataQuality')),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/{-$section}',
  component: page(() => import('./pages/Settings')),
});

export const importRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/import',
  validateSearch: (raw: Record<string, unknown>): ImportSearch => {
    const id = Number(raw.id);
    return {
      ...(raw.object === undefined ? {} : { object: String(raw.object) }),
      ...(Number.isSafeInteger(id) && id > 0 ? { id } : {}),
      ...(readStep(raw.step) ? { step: readStep(raw.step) } : {}),
    };
  },
  component: page(() => import('./pages/Import')),
});

export const listRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/$collection',
  validateSearch: readListSearch,
  component: page(() => import('./pages/List')),
});

export const recordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/$collection/$id',
  component: page(() => import('./pages/Record')),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    notificationsRoute,
    profileRoute,
    searchRoute,
    moreRoute,
    recycleBinRoute,
    dataQualityRoute,
    settingsRoute,
    importRoute,
    listRoute,
    recordRoute,
  ]),
  defaultPreload: 'intent',
  // Plain `key=value` pairs: the address of a list is read and written by people too.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(search)) {
      if (value !== undefined && value !== null && value !== '') parameters.set(key, String(value));
    }
    const text = parameters.toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
