import type { IconName } from '../parts/icon.tsx';

/** The pages of the rail, each the answer to one question. On a telephone some stand in the bar, the others behind "More". */
export const places = [
  { to: '/', title: 'Overview', icon: 'overview', key: 'o', isInBar: true },
  { to: '/models', title: 'Models', icon: 'models', key: 'm', isInBar: false },
  { to: '/rollouts', title: 'Rollouts', icon: 'rollouts', key: 'r', isInBar: true },
  { to: '/playground', title: 'Playground', icon: 'playground', key: 'p', isInBar: false },
  { to: '/requests', title: 'Requests', icon: 'requests', key: 'q', isInBar: true },
  { to: '/alerts', title: 'Alerts', icon: 'alerts', key: 'a', isInBar: true },
  { to: '/keys', title: 'Keys', icon: 'keys', key: 'k', isInBar: false },
  { to: '/history', title: 'History', icon: 'history', key: 'h', isInBar: false },
] as const satisfies readonly { to: string; title: string; icon: IconName; key: string; isInBar: boolean }[];
