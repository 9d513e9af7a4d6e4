/** Stretches of time that figures are shown for, as the server takes them, and as they are called. */
const titles = {
  '15m': 'last 15 min',
  '1h': 'last hour',
  '24h': 'last 24 h',
  '7d': 'last 7 d',
  '30d': 'last 30 d',
} as const;

export type ShownWindow = keyof typeof titles;

export const defaultWindow: ShownWindow = '1h';

export const windowOptions = Object.entries(titles).map(([value, title]) => ({ value: value as ShownWindow, title }));

export function nameWindow(window: ShownWindow): string {
  return titles[window];
}

/** A window out of an address; undefined when it is none, or the one that is shown anyway. */
export function readWindow(value: unknown): ShownWindow | undefined {
  return typeof value === 'string' && value in titles && value !== defaultWindow ? (value as ShownWindow) : undefined;
}
