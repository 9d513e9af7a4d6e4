import type { Key } from '@scarmonit/protocol/admin/key';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { keysQuery, sessionQuery } from '../../api/queries.ts';
import { onlyAdmins, useMayChange } from '../../api/use-may-change.ts';
import { formatCount } from '../../format/format-number.ts';
import { Ago, Until } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';

const columns = [
  { title: 'Name' },
  { title: 'Begins with' },
  { title: 'May' },
  { title: 'Models' },
  { title: 'Limits' },
  { title: 'Made' },
  { title: 'State' },
  { title: 'Revoke', isHidden: true },
];

/** Who may ask, for what, and how much. */
export function KeysPage() {
  const keys = useQuery(keysQuery);
  const session = useQuery(sessionQuery).data;
  const mayChange = useMayChange();
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="Keys"
      actions={
        <Button
          kind="main"
          disabled={!mayChange}
          title={mayChange ? undefined : onlyAdmins}
          onClick={() => setCreating(true)}
        >
          Create a key
        </Button>
      }
    >
      <CreateKeyDialog isOpen={isCreating} onOpenChange={setCreating} />
      <Section isFlush>
        <Answered query={keys} label="The keys are loading">
          {({ data }) => (
            <Table label="Keys" columns={columns}>
              {[...data].sort(byUse).map((key) => (
                <KeyRow key={key.id} apiKey={key} isOwn={key.id === session?.key.id} />
              ))}
            </Table>
          )}
        </Answered>
      </Section>
    </Page>
  );
}

/** Usable ones first, the newest of them on top. */
function byUse(one: Key, other: Key): number {
  return Number(one.revokedAt !== null) - Number(other.revokedAt !== null) || other.createdAt - one.createdAt;
}

function KeyRow(props: { readonly apiKey: Key; readonly isOwn: boolean }) {
  const client = useQueryClient();
  const { id, name, prefix, scopes, models, requestsPerMinute, tokensPerMinute, createdAt, revokedAt } = props.apiKey;
  const revoke = async (): Promise<void> => {
    await ask({ method: 'DELETE', path: `/api/admin/keys/${encodeURIComponent(id)}` });
    void client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  const limits = [
    requestsPerMinute === null ? undefined : `${formatCount(requestsPerMinute)} req/min`,
    tokensPerMinute === null ? undefined : `${formatCount(tokensPerMinute)} tokens/min`,
  ].filter((limit) => limit !== undefined);
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        {props.isOwn ? ' (this session)' : ''}
      </td>
      <td>
        <code>{prefix}…</code>
      </td>
      <td>{scopes.join(', ')}</td>
      <td>{models === null ? 'all' : models.join(', ')}</td>
      <td>{limits.length === 0 ? 'none' : limits.join(', ')}</td>
      <td>
        <Ago at={createdAt} />
      </td>
      <td>
        <KeyState apiKey={props.apiKey} />
      </td>
      <td>
        {revokedAt === null ? (
          <Confirm
            button="Revoke"
            kind="danger"
            title={`Revoke the key ${name}?`}
            text={
              props.isOwn
                ? 'It is the key that you are signed in with: this session ends too. Whatever uses the key is refused at once. This cannot be undone.'
                : 'Whatever uses it is refused at once, and sessions that were opened with it end. This cannot be undone.'
            }
            confirm="Revoke it"
            onConfirm={revoke}
          />
        ) : null}
      </td>
    </tr>
  );
}

function KeyState({ apiKey: { revokedAt, expiresAt } }: { readonly apiKey: Key }) {
  if (revokedAt !== null) {
    return (
      <>
        <Status tone="neutral">revoked</Status> <Ago at={revokedAt} />
      </>
    );
  }
  if (expiresAt === null) return <Status tone="good">usable</Status>;
  if (expiresAt <= Date.now()) return <Status tone="neutral">expired</Status>;
  return (
    <>
      <Status tone="good">usable</Status> until <Until at={expiresAt} />
    </>
  );
}
