import type { DriftFeatureView } from '@scarmonit/protocol/admin/drift';
import { useQuery } from '@tanstack/react-query';
import { driftQuery } from '../../api/queries.ts';
import { Section } from '../../parts/page.tsx';
import { Status, type Tone } from '../../parts/status.tsx';
import styles from './model-page.module.css';

const words: Readonly<Record<DriftFeatureView['state'], readonly [tone: Tone, word: string]>> = {
  collecting: ['neutral', 'reference grows'],
  watching: ['good', 'as before'],
  drifted: ['warn', 'drifted'],
};

/** Whether what is asked and answered is still what it used to be, in words; nothing while nothing is watched. */
export function DriftList({ model }: { readonly model: string }) {
  const { data } = useQuery(driftQuery(model));
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Section title="Drift" aside="against their first days, or a data set" isFlush>
      <ul>
        {data.data.map(({ version, feature, state, summary }) => {
          const [tone, word] = words[state];
          return (
            <li key={`${version} ${feature}`} className={styles.drift}>
              <Status tone={tone}>{word}</Status>
              <p>{summary}</p>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
