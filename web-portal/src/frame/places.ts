import type { IconName } from '../parts/icon.tsx';

/** The pages of the rail, each the answer to one question. */
export const places = [
  { to: '/', title: 'Overview', icon: 'overview', key: 'o' },
  { to: '/models', title: 'Models', icon: 'models', key: 'm' },
  { to: '/rollouts', title: 'Rollouts', icon: 'rollouts', key: 'r' },
  { to: '/playground', title: 'Playground', icon: 'playground', key: 'p' },
  { to: '/requests', title: 'Requests', icon: 'requests', key: 'q' },
  { to: '/keys', title: 'Keys', icon: 'keys', key: 'k' },
  { to: '/history', title: 'History', icon: 'history', key: 'h' },
] as const satisfies readonly { to: string; title: string; icon: IconName; key: string }[];

/** How many of them fit beside each other on a telephone; the rest is behind "More". */
export const placesInBar = 4;
