import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import { isSignedOut } from '../api/query-client.ts';
import { SignInPage } from '../features/sign-in/sign-in-page.tsx';
import { describeError } from '../format/describe-error.ts';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Frame } from './frame.tsx';

/** Lets in who is signed in; the address stays, so that a deep link survives signing in. */
export function Entrance() {
  const session = useQuery({ ...sessionQuery, staleTime: Number.POSITIVE_INFINITY, retryOnMount: false });
  if (isSignedOut(session.error)) return <SignInPage />;
  if (session.data !== undefined) {
    return (
      <Frame session={session.data}>
        <Outlet />
      </Frame>
    );
  }
  if (session.error === null) return null;
  return (
    <Notice title="The server does not answer" text={describeError(session.error)}>
      <Button onClick={() => void session.refetch()}>Try again</Button>
    </Notice>
  );
}
