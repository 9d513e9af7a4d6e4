import type { SessionView } from '@scarmonit/protocol/admin/session';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { useFollowChanges } from '../api/follow-changes.ts';
import { alertsQuery } from '../api/queries.ts';
import { onlyAdmins, useMayChange } from '../api/use-may-change.ts';
import { Icon } from '../parts/icon.tsx';
import styles from './frame.module.css';
import { LiveDot } from './live-dot.tsx';
import { places } from './places.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useShortcuts } from './use-shortcuts.ts';

// What opens is loaded when somebody is about to open it: menus weigh half as much as all that is read.
const loadMenus = () => import('./menus.tsx');
const AccountMenu = lazy(async () => ({ default: (await loadMenus()).AccountMenu }));
const MoreMenu = lazy(async () => ({ default: (await loadMenus()).MoreMenu }));
const SearchDialog = lazy(async () => ({ default: (await import('./search-dialog.tsx')).SearchDialog }));

/** What stands around every page: where one can go, whether it is live, and who one is. */
export function Frame({ session, children }: { readonly session: SessionView; readonly children: ReactNode }) {
  useFollowChanges();
  const mayChange = useMayChange();
  const rail = useRef<HTMLElement>(null);
  const bar = useRef<HTMLElement>(null);
  const [isSearching, setSearching] = useState(false);
  useShortcuts(() => setSearching(true));
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <nav ref={rail} className={styles.rail} aria-label="Pages">
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
            <OpenedMenu menu={<MoreMenu landmark={rail} />} className={styles.place} label={undefined}>
              <Icon name="more" />
              <span>More</span>
            </OpenedMenu>
          </li>
        </ul>
      </nav>
      <header ref={bar} className={styles.bar}>
        <p className={styles.where}>
          <span>{session.project}</span>
          <span className={styles.host}>{session.host === 'node' ? location.host : `Workers · ${location.host}`}</span>
        </p>
        {mayChange ? null : (
          <span className={styles.readOnly} title={onlyAdmins}>
            may look only
          </span>
        )}
        <LiveDot />
        <button type="button" className={styles.search} aria-label="Search" onClick={() => setSearching(true)}>
          <Icon name="search" />
          <span>Search</span>
          <kbd>/</kbd>
        </button>
        <ThemeSwitch />
        <OpenedMenu
          menu={<AccountMenu session={session} landmark={bar} />}
          className={styles.account}
          label={`Signed in with the key ${session.key.name}`}
        >
          <Icon name="keys" />
          <span>{session.key.name}</span>
        </OpenedMenu>
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

/** Looks as the trigger of a menu, and becomes the open menu when it is pressed. */
function OpenedMenu(props: {
  readonly menu: ReactNode;
  readonly className: string | undefined;
  readonly label: string | undefined;
  readonly children: ReactNode;
}) {
  const [isOpened, setOpened] = useState(false);
  const prepare = (): void => void loadMenus();
  const trigger = (
    <button
      type="button"
      className={props.className}
      aria-label={props.label}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setOpened(true)}
    >
      {props.children}
    </button>
  );
  return isOpened ? <Suspense fallback={trigger}>{props.menu}</Suspense> : trigger;
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
