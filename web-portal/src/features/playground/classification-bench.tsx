import type { ClassificationList } from '@scarmonit/protocol/api/infer';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { send } from '../../api/ask-server.ts';
import { describeError } from '../../format/describe-error.ts';
import { formatDuration, formatShare } from '../../format/format-number.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section } from '../../parts/page.tsx';
import { AnswerFoot } from './answer-foot.tsx';
import styles from './bench.module.css';
import { type BenchProps, SideHead } from './side-head.tsx';
import { writeCurl } from './write-call.ts';

interface Classified {
  readonly labels: readonly { readonly label: string; readonly score: number }[];
  readonly requestId: string | undefined;
  readonly tookMs: number;
}

const mostLabels = 8;

/** What one or two versions make of a text. */
export function ClassificationBench(props: BenchProps) {
  const { model, sides } = props;
  const [text, setText] = useState('The support was quick and very kind.');
  const classify = useMutation({
    mutationFn: () => Promise.all(sides.map((version) => classifyText(model.name, version, text))),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    classify.mutate();
  };
  return (
    <div className={styles.chat}>
      <form className={styles.composer} onSubmit={submit}>
        <textarea aria-label="Text" rows={3} value={text} onChange={(event) => setText(event.target.value)} />
        <Button kind="main" type="submit" disabled={classify.isPending || text.trim() === ''}>
          Classify
        </Button>
      </form>
      {classify.isError ? (
        <p className={styles.error} role="alert">
          {describeError(classify.error)}
        </p>
      ) : null}
      <div className={styles.sides} data-sides={sides.length}>
        {sides.map((version, side) => (
          <Section key={version} isFlush>
            <SideHead {...props} side={side} />
            <div className={styles.result} aria-live="polite">
              <Labels classified={classify.data?.[side]} />
            </div>
            <div className={styles.copies}>
              <CopyButton
                text={writeCurl({
                  origin: location.origin,
                  path: '/api/infer?task=classification',
                  version,
                  body: { model: model.name, input: text },
                })}
                label="Copy as a curl command"
                words="curl"
              />
            </div>
          </Section>
        ))}
      </div>
    </div>
  );
}

function Labels({ classified }: { readonly classified: Classified | undefined }) {
  if (classified === undefined) return <p className={styles.empty}>The likeliest labels of the text appear here.</p>;
  const { labels, requestId, tookMs } = classified;
  return (
    <>
      <ul className={styles.bars}>
        {labels.slice(0, mostLabels).map(({ label, score }) => (
          <li key={label}>
            <span>{label}</span>
            <span className={styles.value}>{formatShare(score)}</span>
            <meter min={0} max={1} value={score} aria-label={label} />
          </li>
        ))}
      </ul>
      <p className={styles.figures}>{formatDuration(tookMs)}</p>
      <AnswerFoot
        answer={{ text: '', isDone: true, ...(requestId === undefined ? {} : { requestId }) }}
        prices={undefined}
      />
    </>
  );
}

async function classifyText(model: string, modelVersion: string, input: string): Promise<Classified> {
  const began = performance.now();
  const response = await send({
    method: 'POST',
    path: '/api/infer',
    query: { task: 'classification' },
    json: { model, input },
    modelVersion,
  });
  const { data } = (await response.json()) as ClassificationList;
  return {
    labels: data[0]?.labels ?? [],
    requestId: response.headers.get('x-request-id') ?? undefined,
    tookMs: performance.now() - began,
  };
}
