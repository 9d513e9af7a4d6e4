import type { ModelView } from '@scarmonit/protocol/admin/model';
import { Choice } from '../../parts/field.tsx';
import { Status } from '../../parts/status.tsx';
import { toneOfState } from '../models/describe-state.ts';
import styles from './bench.module.css';

export interface BenchProps {
  readonly model: ModelView;
  /** One or two versions. */
  readonly sides: readonly string[];
  /** `none` takes the second side away. */
  readonly onPick: (side: number, version: string) => void;
}

/** Which version a side asks, and the way to add or take away the second. */
export function SideHead({ model, sides, side, onPick }: BenchProps & { readonly side: number }) {
  const version = sides[side];
  const found = model.versions.find((one) => one.version === version);
  const options = model.versions.map((one) => ({
    value: one.version,
    title: one.version === model.stable ? `${one.version} (stable)` : one.version,
  }));
  return (
    <div className={styles.sideHead}>
      <Choice
        label={side === 0 ? 'Version' : 'Second version'}
        isLabelHidden
        value={version ?? 'none'}
        options={
          side === 0
            ? options
            : [...options.filter(({ value }) => value !== sides[0]), { value: 'none', title: 'One version only' }]
        }
        onChange={(chosen) => onPick(side, chosen)}
      />
      {found === undefined ? null : <Status tone={toneOfState(found.state)}>{found.state}</Status>}
      {sides.length === 1 && model.versions.length > 1 ? (
        <button
          type="button"
          className={styles.compare}
          onClick={() => onPick(1, model.versions.find((one) => one.version !== version)?.version ?? 'none')}
        >
          Compare with another
        </button>
      ) : null}
    </div>
  );
}
