import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { modelsQuery, rolloutsQuery } from '../api/queries.ts';
import dialogStyles from '../parts/dialog.module.css';
import { places } from './places.ts';
import styles from './search-dialog.module.css';

interface Hit {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly hint?: string;
  go(): void;
}

/** Goes anywhere by name: pages, models, versions, rollouts. */
export function SearchDialog(props: { readonly isOpen: boolean; onOpenChange(isOpen: boolean): void }) {
  return (
    <Dialog.Root open={props.isOpen} onOpenChange={props.onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialogStyles.backdrop} />
        <Dialog.Popup className={`${dialogStyles.popup} ${styles.popup}`}>
          <Dialog.Title className="unseen">Search</Dialog.Title>
          <SearchBox onGone={() => props.onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function SearchBox({ onGone }: { readonly onGone: () => void }) {
  const listId = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const named = useHits().filter(({ title, kind }) => matches(`${title} ${kind}`, text));
  const hits = [...named.slice(0, 8), ...useRequestHit(text)];
  const choose = (hit: Hit | undefined): void => {
    if (hit === undefined) return;
    onGone();
    hit.go();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && hits.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + hits.length) % hits.length);
    }
    if (event.key === 'Enter') choose(hits[chosen]);
  };
  return (
    <>
      <input
        className={styles.input}
        placeholder="Page, model, version, rollout, id of a request"
        aria-label="Search pages, models, versions and rollouts"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-activedescendant={hits[chosen] === undefined ? undefined : `${listId}-${chosen}`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.hits} role="listbox" id={listId} aria-label="Found">
        {hits.map((hit, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above takes the keys
          <div
            key={hit.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={styles.hit}
            onPointerMove={() => setChosen(index)}
            onClick={() => choose(hit)}
          >
            <span>{hit.title}</span>
            <span className={styles.kind}>{hit.kind}</span>
            {hit.hint === undefined ? null : <kbd>{hit.hint}</kbd>}
          </div>
        ))}
      </div>
      {hits.length === 0 ? <p className={styles.none}>Nothing is called that.</p> : null}
    </>
  );
}

function useHits(): readonly Hit[] {
  const navigate = useNavigate();
  const models = useQuery(modelsQuery).data?.data ?? [];
  const rollouts = useQuery(rolloutsQuery()).data?.data ?? [];
  return [
    ...places.map(({ to, title, key }) => ({
      id: to,
      title,
      kind: 'page',
      hint: `g ${key}`,
      go: () => void navigate({ to }),
    })),
    ...models.flatMap(({ name, versions }) => [
      { id: name, title: name, kind: 'model', go: () => void navigate({ to: '/models/$name', params: { name } }) },
      ...versions.map(({ version }) => ({
        id: `${name}@${version}`,
        title: `${name} ${version}`,
        kind: 'version',
        go: () => void navigate({ to: '/models/$name', params: { name }, hash: `v${version}` }),
      })),
    ]),
    ...rollouts.map(({ id, model, from, to, state }) => ({
      id,
      title: `${model} ${from} → ${to}`,
      kind: `rollout, ${state.phase}`,
      go: () => void navigate({ to: '/rollouts/$id', params: { id } }),
    })),
  ];
}

/** What may be the id of a request, out of a log or an answer's header. */
function useRequestHit(text: string): readonly Hit[] {
  const navigate = useNavigate();
  const request = text.trim();
  if (!/^\S{12,}$/.test(request)) return [];
  const go = (): void => void navigate({ to: '/requests', search: { request } });
  return [{ id: 'request', title: request, kind: 'id of a request', go }];
}

/** Whether every word occurs. */
function matches(title: string, text: string): boolean {
  const within = title.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
}
