import type { SessionView } from '@scarmonit/protocol/admin/session';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { sessionQuery } from '../../api/queries.ts';
import { describeError } from '../../format/describe-error.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import styles from './sign-in-page.module.css';

/** One field and Enter. */
export function SignInPage() {
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask<SessionView>({ method: 'POST', path: '/api/admin/session', json: { key: key.trim() } }),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  useEffect(() => {
    document.title = 'Sign in · Scarmonit';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (key.trim() !== '') signIn.mutate();
  };
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.brand}>
          <Icon name="mark" />
          Scarmonit
        </p>
        <h1>Sign in with a key</h1>
        <label htmlFor="key" className={styles.label}>
          API key
        </label>
        <div className={styles.row}>
          <input
            id="key"
            className={styles.input}
            type="password"
            name="key"
            autoComplete="current-password"
            // biome-ignore lint/a11y/noAutofocus: it is the only thing to do here
            autoFocus
            spellCheck={false}
            placeholder="sk-scarmonit-…"
            value={key}
            aria-invalid={signIn.isError}
            aria-describedby="key-hint"
            onChange={(event) => setKey(event.target.value)}
          />
          <Button kind="main" type="submit" disabled={signIn.isPending || key.trim() === ''}>
            {signIn.isPending ? 'Signing in…' : 'Sign in'}
          </Button>
        </div>
        {signIn.isError ? (
          <p className={styles.error} role="alert">
            <Icon name="warn" />
            {describeError(signIn.error)}
          </p>
        ) : null}
        <p className={styles.hint} id="key-hint">
          Any key with the scope <code>read</code> or <code>admin</code>. The first start showed one once; another is
          made with
        </p>
        <pre className={styles.command}>npx scarmonit keys create --name me --scope admin</pre>
      </form>
    </main>
  );
}
