import type { NewRollout, RolloutView } from '@scarmonit/protocol/admin/rollout';
import type { DeprecationRequest, VersionRecordView } from '@scarmonit/protocol/admin/version';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { rolloutsQuery } from '../../api/queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { TextField } from '../../parts/field.tsx';
import { isEnded } from '../rollouts/describe-phase.ts';

/** What a person may decide on a version; each says what will happen, and asks once. */
export function VersionButtons({ record, stable }: { readonly record: VersionRecordView; readonly stable: string }) {
  const rollouts = useQuery(rolloutsQuery(record.model)).data?.data;
  const isOpen = rollouts?.some(({ state }) => !isEnded(state.phase)) ?? true;
  if (record.version === stable) return null;
  const isDeprecated = record.status === 'deprecated';
  return (
    <>
      {isDeprecated || record.alias === 'candidate' ? null : (
        <RollOut record={record} stable={stable} isTaken={isOpen} />
      )}
      {record.alias === null ? <Deprecate record={record} isDeprecated={isDeprecated} /> : null}
    </>
  );
}

function RollOut(props: {
  readonly record: VersionRecordView;
  readonly stable: string;
  /** Whether another rollout of the model goes on. */
  readonly isTaken: boolean;
}) {
  const { model, version } = props.record;
  const client = useQueryClient();
  const navigate = useNavigate();
  const start = async (): Promise<void> => {
    const json: NewRollout = { model, to: version };
    const { id } = await ask<RolloutView>({ method: 'POST', path: '/api/admin/rollouts', json });
    void client.invalidateQueries();
    await navigate({ to: '/rollouts/$id', params: { id } });
  };
  return (
    <Confirm
      button="Roll out"
      isDisabled={props.isTaken}
      hint={props.isTaken ? 'Another rollout of the model goes on.' : undefined}
      title={`Roll ${model} out from ${props.stable} to ${version}?`}
      text={`${version} is loaded and gets requests by the model's strategy, only as far as its gates let it. A failed gate rolls back by itself. It can be paused and rolled back at any time.`}
      confirm="Start the rollout"
      onConfirm={start}
    />
  );
}

function Deprecate(props: { readonly record: VersionRecordView; readonly isDeprecated: boolean }) {
  const { record, isDeprecated } = props;
  const { model, version, revision } = record;
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const decide = async (): Promise<void> => {
    // Refused when somebody has decided since: nobody decides on what is no longer so.
    const json: DeprecationRequest = { deprecated: !isDeprecated, reason, revision };
    const path = `/api/admin/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/deprecation`;
    await ask({ method: 'POST', path, json });
    void client.invalidateQueries();
  };
  const field = (
    <TextField label="Reason" value={reason} onChange={setReason} placeholder="for whoever reads it later" />
  );
  return isDeprecated ? (
    <Confirm
      button="Take back into use"
      title={`Take ${model} ${version} back into use?`}
      text={
        <>
          <p>It may be rolled out again, and its answers no longer carry a warning.</p>
          {field}
        </>
      }
      confirm="Take it back"
      onConfirm={decide}
    />
  ) : (
    <Confirm
      button="Deprecate"
      kind="danger"
      title={`Deprecate ${model} ${version}?`}
      text={
        <>
          <p>
            It answers only who pins it, with a warning in the headers, and is unloaded when nobody does. This can be
            undone.
          </p>
          {field}
        </>
      }
      confirm="Deprecate it"
      onConfirm={decide}
    />
  );
}
