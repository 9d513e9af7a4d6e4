import { formatExact, formatRelative } from '../format/format-time.ts';
import { useNow } from './use-now.ts';

/** A time as people say it, with the exact one on hover. Milliseconds since the Unix epoch. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow(10_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {formatRelative(Math.min(at, now), now)}
    </time>
  );
}

/** A time that lies ahead. */
export function Until({ at }: { readonly at: number }) {
  const now = useNow(10_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {formatRelative(at, now)}
    </time>
  );
}
