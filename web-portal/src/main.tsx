import './tokens.css';
import './base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { sessionQuery } from './api/queries.ts';
import { createQueryClient } from './api/query-client.ts';
import { createPortalRouter } from './router.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

/** Until it is known who looks, and where, the page stays in outline. */
async function start(container: HTMLElement): Promise<void> {
  const client = createQueryClient();
  const router = createPortalRouter(client);
  await Promise.all([client.prefetchQuery(sessionQuery), router.load()]);
  // In small pieces, so that the page answers meanwhile.
  startTransition(() =>
    createRoot(container).render(
      <StrictMode>
        <CSPProvider disableStyleElements>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </CSPProvider>
      </StrictMode>,
    ),
  );
}

// After what the scripts do as they are read, so that the page answers in between.
setTimeout(() => void start(root));
