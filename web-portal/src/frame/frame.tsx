import type { SessionView } from '@scarmonit/protocol/admin/session';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useFollowChanges } from '../api/follow-changes.ts';
import { alertsQuery } from '../api/queries.ts';
import { Icon } from '../parts/icon.tsx';
import styles from './frame.module.css';
import { LiveDot } from './live-dot.tsx';
import { places } from './places.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useShortcuts } from './use-shortcuts.ts';

// What opens is loaded after what is read.
const AccountMenu = lazy(async () => ({ default: (await import('./menus.tsx')).AccountMenu }));
const MoreMenu = lazy(async () => ({ default: (await import('./menus.tsx')).MoreMenu }));
const SearchDialog = lazy(async () => ({ default: (await import('./search-dialog.tsx')).SearchDialog }));

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
            <Suspense>
              <MoreMenu />
            </Suspense>
          </li>
        </ul>
      </nav>
      <header className={styles.bar}>
        <p className={styles.where}>
          <span>{session.project}</span>
          <span className={styles.host}>{session.host === 'node' ? location.host : `Workers · ${location.host}`}</span>
        </p>
        <LiveDot />
        <button type="button" className={styles.search} aria-label="Search" onClick={() => setSearching(true)}>
          <Icon name="search" />
          <span>Search</span>
          <kbd>/</kbd>
        </button>
        <ThemeSwitch />
        <Suspense
          fallback={
            <span className={styles.account}>
              <Icon name="keys" />
              <span>{session.key.name}</span>
            </span>
          }
        >
          <AccountMenu session={session} />
        </Suspense>
      </header>
      <main className={styles.main} id="main" tabIndex={-1}>
        {children}
      </main>
      {isSearching ? (
        <Suspense>
          <SearchDialog isOpen onOpenChange={setSearching} />
        </Suspense>
      ) : null}
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
