import type { ModelOverviewView } from '@scarmonit/protocol/admin/overview';
import { Link } from '@tanstack/react-router';
import { Mark } from '../../parts/status.tsx';
import { judgeModel } from './judge-model.ts';
import styles from './overview-page.module.css';

/** Every model with how it does, so that one look tells which to look at. */
export function ModelTabs({
  models,
  shown,
}: {
  readonly models: readonly ModelOverviewView[];
  readonly shown: string;
}) {
  return (
    <nav className={styles.tabs} aria-label="Models">
      {models.map((model) => {
        const { tone, word } = judgeModel(model);
        return (
          <Link
            key={model.model}
            to="/"
            search={(before) => ({ ...before, model: model.model })}
            replace
            aria-current={model.model === shown ? 'true' : undefined}
            title={word}
          >
            <Mark tone={tone} />
            {model.model}
            <span className="unseen">, {word}</span>
          </Link>
        );
      })}
    </nav>
  );
}
