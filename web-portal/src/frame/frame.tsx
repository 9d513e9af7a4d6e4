import { Menu } from '@base-ui/react/menu';
import type { SessionView } from '@scarmonit/protocol/admin/session';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/ask-server.ts';
import { useFollowChanges } from '../api/follow-changes.ts';
import { alertsQuery, sessionQuery } from '../api/queries.ts';
import { Icon } from '../parts/icon.tsx';
import menuStyles from '../parts/menu.module.css';
import styles from './frame.module.css';
import { LiveDot } from './live-dot.tsx';
import { places } from './places.ts';
import { SearchDialog } from './search-dialog.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** What stands around every page: where one can go, whether it is live, and who one is. */
export function Frame({ session, children }: { readonly session: SessionView; readonly children: ReactNode }) {
  useFollowChanges();
  const [isSearching, setSearching] = useState(false);
  useShortcuts(() => setSearching(true));
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <nav className={styles.rail} aria-label="Pages">
        <Link className={styles.brand} to="/">
          <Icon name="mark" />
          <span>Scarmonit</span>
        </Link>
        <ul className={styles.places}>
          {places.map(({ to, title, icon, isInBar }) => (
            <li key={to} data-beyond={isInBar ? undefined : ''}>
              <Link className={styles.place} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
                <Icon name={icon} />
                <span>{title}</span>
                {to === '/alerts' ? <FiringCount /> : null}
              </Link>
            </li>
          ))}
          <li className={styles.more}>
            <MoreMenu />
          </li>
        </ul>
      </nav>
      <header className={styles.bar}>
        <p className={styles.where}>
          <span>{session.project}</span>
          <span className={styles.host}>{session.host === 'node' ? location.host : `Workers · ${location.host}`}</span>
        </p>
        <LiveDot />
        <button type="button" className={styles.search} onClick={() => setSearching(true)}>
          <Icon name="search" />
          <span>Search</span>
          <kbd>/</kbd>
        </button>
        <ThemeSwitch />
        <AccountMenu session={session} />
      </header>
      <main className={styles.main} id="main" tabIndex={-1}>
        {children}
      </main>
      <SearchDialog isOpen={isSearching} onOpenChange={setSearching} />
    </div>
  );
}

/** How many alerts fire; nothing while none does. */
function FiringCount() {
  const count = useQuery(alertsQuery).data?.firing.length ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles.count}>
      {count}
      <span className="unseen"> firing</span>
    </span>
  );
}

function MoreMenu() {
  const navigate = useNavigate();
  return (
    <Menu.Root>
      <Menu.Trigger className={styles.place}>
        <Icon name="more" />
        <span>More</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" sideOffset={8} align="end" collisionPadding={8}>
          <Menu.Popup className={menuStyles.popup}>
            {places
              .filter(({ isInBar }) => !isInBar)
              .map(({ to, title, icon }) => (
                <Menu.Item key={to} className={menuStyles.item} onClick={() => void navigate({ to })}>
                  <Icon name={icon} />
                  {title}
                </Menu.Item>
              ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function AccountMenu({ session }: { readonly session: SessionView }) {
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => ask({ method: 'DELETE', path: '/api/admin/session' }),
    onSuccess: async () => {
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      await client.resetQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Menu.Root>
      <Menu.Trigger className={styles.account} aria-label={`Signed in with the key ${session.key.name}`}>
        <Icon name="keys" />
        <span>{session.key.name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" collisionPadding={8}>
          <Menu.Popup className={menuStyles.popup}>
            <p className={menuStyles.about}>
              <strong>{session.key.name}</strong>
              <code>{session.key.prefix}…</code>
              <span>may {session.key.scopes.join(', ')}</span>
            </p>
            <Menu.Item className={menuStyles.item} onClick={() => signOut.mutate()}>
              <Icon name="leave" />
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
