import type { RolloutDecision, RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask-server.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { isEnded } from './describe-phase.ts';
import { describePromotion } from './describe-promotion.ts';

/** What a person may decide; each says what will happen, and asks once. */
export function RolloutButtons({ rollout }: { readonly rollout: RolloutDetailView }) {
  const client = useQueryClient();
  const { id, model, from, to, state } = rollout;
  const promotion = describePromotion(rollout);
  if (isEnded(state.phase) && state.phase !== 'active') return null;
  const decide = async (command: string): Promise<void> => {
    // Who promotes decides on what is shown, and is refused when it has moved since. A brake takes whatever it meets.
    const json: RolloutDecision = command === 'promote' ? { revision: state.revision } : {};
    await ask({ method: 'POST', path: `/api/admin/rollouts/${encodeURIComponent(id)}/${command}`, json });
    void client.invalidateQueries();
  };
  const rollBack = (
    <Confirm
      button="Roll back"
      kind="danger"
      title={`Roll ${model} back to ${from}?`}
      text={`All requests go to ${from} at once; those in flight on ${to} are finished there. The rollout ends.`}
      confirm="Roll back"
      onConfirm={() => decide('rollback')}
    />
  );
  if (state.phase === 'active') return rollBack;
  return (
    <>
      {state.paused ? (
        <Confirm
          button="Resume"
          title="Let the rollout go on?"
          text="It moves on by its gates from where it stands."
          confirm="Resume"
          onConfirm={() => decide('resume')}
        />
      ) : (
        <Confirm
          button="Pause"
          title="Pause the rollout?"
          text={`The weights stay as they are: ${to} keeps its share and gets no more. The gates go on watching, and a failed one still rolls back.`}
          confirm="Pause"
          onConfirm={() => decide('pause')}
        />
      )}
      {promotion === undefined ? null : (
        <Confirm
          button={promotion.button}
          title={promotion.title}
          text={promotion.text}
          confirm={promotion.button}
          onConfirm={() => decide('promote')}
        />
      )}
      {rollBack}
    </>
  );
}
