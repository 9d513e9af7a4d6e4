import { formatShare } from '../../format/format-number.ts';
import { formatExact } from '../../format/format-time.ts';
import styles from './rollout-page.module.css';
import type { Stair } from './to-staircase.ts';

/** In percent of the width; a narrower stair has no room for its label. */
const narrowest = 5;

/**
 * The weights of the candidate over time, on the same axis as the lanes. Heights are square roots, so that a first step
 * of 1 % can be seen.
 */
export function Staircase(props: { readonly stairs: readonly Stair[]; readonly from: number; readonly to: number }) {
  const { stairs, from, to } = props;
  const share = (at: number): number => ((at - from) / Math.max(1, to - from)) * 100;
  return (
    <ol className={styles.stairs} aria-label="The candidate's share of the traffic">
      {stairs.map((stair) => {
        const left = Math.max(0, share(stair.from));
        return (
          <li
            key={stair.from}
            title={`${formatShare(stair.weight)} from ${formatExact(stair.from)}`}
            style={{
              left: `${left}%`,
              width: `${Math.max(0.2, share(stair.to) - left)}%`,
              height: `${Math.max(1, Math.sqrt(stair.weight) * 72)}%`,
            }}
          >
            {share(stair.to) - left < narrowest ? null : <span>{formatShare(stair.weight)}</span>}
          </li>
        );
      })}
    </ol>
  );
}
