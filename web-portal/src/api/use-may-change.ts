import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';

/** What is said where somebody may not. */
export const onlyAdmins = 'Your key may look and not change. Sign in with a key of the scope admin.';

/** Whether the key that is signed in may change something. The server decides; this is so that nobody tries in vain. */
export function useMayChange(): boolean {
  return useQuery(sessionQuery).data?.key.scopes.includes('admin') === true;
}
