import { ScarmonitApiError } from '@scarmonit/client/scarmonit-api-error';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';

/** Answers, kept until the server says that they are old. One that a session's end refuses brings the sign-in page. */
export function createQueryClient(): QueryClient {
  const leaveWhenSignedOut = (error: Error): void => {
    if (!isSignedOut(error)) return;
    const query = client.getQueryCache().find({ queryKey: sessionQuery.queryKey });
    if (query !== undefined && query.state.status !== 'error') void query.fetch().catch(() => undefined);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && !(error instanceof ScarmonitApiError && error.status < 500),
      },
    },
  });
  return client;
}

/** Whether the server said that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ScarmonitApiError && error.status === 401;
}
