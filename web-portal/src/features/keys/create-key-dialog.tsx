import { Dialog } from '@base-ui/react/dialog';
import type { CreatedKey, NewKey } from '@scarmonit/protocol/admin/key';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { keysQuery } from '../../api/queries.ts';
import { describeError } from '../../format/describe-error.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import dialogStyles from '../../parts/dialog.module.css';
import { TextField } from '../../parts/field.tsx';
import styles from './create-key-dialog.module.css';
import { type KeyDraft, toNewKey } from './to-new-key.ts';

const scopes = [
  { scope: 'infer', what: 'ask models' },
  { scope: 'read', what: 'look at everything here' },
  { scope: 'admin', what: 'change everything; includes the others' },
] as const;

const empty: KeyDraft = { name: '', scopes: ['infer'], models: '', requestsPerMinute: '', expiresInDays: '' };

/** Makes a key and shows its secret, once. */
export function CreateKeyDialog(props: { readonly isOpen: boolean; onOpenChange(isOpen: boolean): void }) {
  return (
    <Dialog.Root open={props.isOpen} onOpenChange={props.onOpenChange} disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialogStyles.backdrop} />
        <Dialog.Popup className={`${dialogStyles.popup} ${styles.popup}`}>
          <CreateKey onDone={() => props.onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function CreateKey({ onDone }: { readonly onDone: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(empty);
  const [problem, setProblem] = useState<string>();
  const create = useMutation({
    mutationFn: (json: NewKey) => ask<CreatedKey>({ method: 'POST', path: '/api/admin/keys', json }),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  if (create.data !== undefined) return <Secret created={create.data} onDone={onDone} />;
  const set = (change: Partial<KeyDraft>): void => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const made = toNewKey(draft, Date.now());
    if (typeof made === 'string') setProblem(made);
    else {
      setProblem(undefined);
      create.mutate(made);
    }
  };
  const told = problem ?? (create.isError ? describeError(create.error) : undefined);
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Dialog.Title className={dialogStyles.title}>Create a key</Dialog.Title>
      <TextField
        label="Name"
        value={draft.name}
        placeholder="what will use it"
        isRequired
        onChange={(name) => set({ name })}
      />
      <fieldset className={styles.scopes}>
        <legend>What it may do</legend>
        {scopes.map(({ scope, what }) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={draft.scopes.includes(scope)}
              onChange={({ target }) =>
                set({
                  scopes: target.checked ? [...draft.scopes, scope] : draft.scopes.filter((other) => other !== scope),
                })
              }
            />
            <strong>{scope}</strong> {what}
          </label>
        ))}
      </fieldset>
      <TextField
        label="Models"
        value={draft.models}
        placeholder="all"
        hint="Names with commas between."
        onChange={(models) => set({ models })}
      />
      <div className={styles.pair}>
        <TextField
          label="Requests a minute"
          value={draft.requestsPerMinute}
          placeholder="no limit"
          inputMode="numeric"
          onChange={(requestsPerMinute) => set({ requestsPerMinute })}
        />
        <TextField
          label="Days until it expires"
          value={draft.expiresInDays}
          placeholder="never"
          inputMode="numeric"
          onChange={(expiresInDays) => set({ expiresInDays })}
        />
      </div>
      {told === undefined ? null : (
        <p className={dialogStyles.error} role="alert">
          {told}
        </p>
      )}
      <div className={dialogStyles.buttons}>
        <Dialog.Close render={<Button />}>Cancel</Dialog.Close>
        <Button kind="main" type="submit" disabled={create.isPending}>
          Create
        </Button>
      </div>
    </form>
  );
}

function Secret({ created, onDone }: { readonly created: CreatedKey; readonly onDone: () => void }) {
  return (
    <>
      <Dialog.Title className={dialogStyles.title}>The key {created.key.name}</Dialog.Title>
      <Dialog.Description className={dialogStyles.text}>
        Copy it now. It is shown this once, and kept nowhere: only its hash is.
      </Dialog.Description>
      <div className={styles.secret}>
        <code data-testid="secret">{created.secret}</code>
        <CopyButton text={created.secret} label="Copy the key" />
      </div>
      <div className={dialogStyles.buttons}>
        <Button kind="main" onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </>
  );
}
