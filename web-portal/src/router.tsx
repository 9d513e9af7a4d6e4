import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { overviewQuery } from './api/queries.ts';
import { defaultWindow, readWindow, type ShownWindow } from './features/metrics/shown-window.ts';
import { type ChartMeasure, readMeasure } from './features/metrics/to-version-lines.ts';
import { OverviewPage } from './features/overview/overview-page.tsx';
import { readRequestFilter } from './features/requests/filter-requests.ts';
import { Entrance } from './frame/entrance.tsx';
import { NotFound } from './frame/not-found.tsx';
import { PageError } from './frame/page-error.tsx';
import { PageLoading } from './frame/page-loading.tsx';

const root = createRootRouteWithContext<{ readonly client: QueryClient }>()({
  component: Entrance,
  notFoundComponent: NotFound,
});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: OverviewPage,
  validateSearch: ({ model, window }: Record<string, unknown>): { model?: string; window?: ShownWindow } =>
    optional({ model: textOf(model), window: readWindow(window) }),
  loaderDeps: ({ search: { window = defaultWindow } }) => ({ window }),
  // Asked for at once, beside who is signed in, rather than after it.
  loader: ({ context: { client }, deps: { window } }) => void client.prefetchQuery(overviewQuery(window)),
});

const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: lazyRouteComponent(() => import('./features/models/models-page.tsx'), 'ModelsPage'),
});

const model = createRoute({
  getParentRoute: () => root,
  path: '/models/$name',
  component: lazyRouteComponent(() => import('./features/models/model-page.tsx'), 'ModelPage'),
  validateSearch: ({ measure, window }: Record<string, unknown>): { measure?: ChartMeasure; window?: ShownWindow } =>
    optional({ measure: readMeasure(measure), window: readWindow(window) }),
});

const rollouts = createRoute({
  getParentRoute: () => root,
  path: '/rollouts',
  component: lazyRouteComponent(() => import('./features/rollouts/rollouts-page.tsx'), 'RolloutsPage'),
});

const rollout = createRoute({
  getParentRoute: () => root,
  path: '/rollouts/$id',
  component: lazyRouteComponent(() => import('./features/rollouts/rollout-page.tsx'), 'RolloutPage'),
});

const playground = createRoute({
  getParentRoute: () => root,
  path: '/playground',
  component: lazyRouteComponent(() => import('./features/playground/playground-page.tsx'), 'PlaygroundPage'),
  validateSearch: ({
    model,
    left,
    right,
  }: Record<string, unknown>): { model?: string; left?: string; right?: string } =>
    optional({ model: textOf(model), left: textOf(left), right: textOf(right) }),
});

const requests = createRoute({
  getParentRoute: () => root,
  path: '/requests',
  component: lazyRouteComponent(() => import('./features/requests/requests-page.tsx'), 'RequestsPage'),
  validateSearch: readRequestFilter,
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./features/alerts/alerts-page.tsx'), 'AlertsPage'),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./features/keys/keys-page.tsx'), 'KeysPage'),
});

const history = createRoute({
  getParentRoute: () => root,
  path: '/history',
  component: lazyRouteComponent(() => import('./features/history/history-page.tsx'), 'HistoryPage'),
  validateSearch: ({ model }: Record<string, unknown>): { model?: string } => optional({ model: textOf(model) }),
});

const routeTree = root.addChildren([
  overview,
  models,
  model,
  rollouts,
  rollout,
  playground,
  requests,
  alerts,
  keys,
  history,
]);

/** Pages by address; every one but the first is loaded when it is wanted. */
export function createPortalRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    defaultPendingComponent: PageLoading,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}

/** Leaves out what is undefined, so that addresses stay short. */
function optional<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
