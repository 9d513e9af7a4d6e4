import { Menu } from '@base-ui/react/menu';
import type { SessionView } from '@scarmonit/protocol/admin/session';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { ask } from '../api/ask-server.ts';
import { sessionQuery } from '../api/queries.ts';
import { Icon } from '../parts/icon.tsx';
import menuStyles from '../parts/menu.module.css';
import styles from './frame.module.css';
import { places } from './places.ts';

/**
 * The pages that a telephone's bar has no room for. Open, since it is loaded when somebody opens it.
 * @param props.landmark where it belongs for who moves by landmarks
 */
export function MoreMenu({ landmark }: { readonly landmark: RefObject<HTMLElement | null> }) {
  const navigate = useNavigate();
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger className={styles.place}>
        <Icon name="more" />
        <span>More</span>
      </Menu.Trigger>
      <Menu.Portal className={menuStyles.portal} container={landmark}>
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

/** Who is signed in, and the way out. Open at first, as the other. */
export function AccountMenu(props: {
  readonly session: SessionView;
  readonly landmark: RefObject<HTMLElement | null>;
}) {
  const { session, landmark } = props;
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => ask({ method: 'DELETE', path: '/api/admin/session' }),
    onSuccess: async () => {
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      await client.resetQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger className={styles.account} aria-label={`Signed in with the key ${session.key.name}`}>
        <Icon name="keys" />
        <span>{session.key.name}</span>
      </Menu.Trigger>
      <Menu.Portal className={menuStyles.portal} container={landmark}>
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
