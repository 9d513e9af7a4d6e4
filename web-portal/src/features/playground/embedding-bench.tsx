import type { EmbeddingList } from '@scarmonit/protocol/openai/embedding';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { describeError } from '../../format/describe-error.ts';
import { formatDuration } from '../../format/format-number.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section } from '../../parts/page.tsx';
import styles from './bench.module.css';
import { cosine } from './measure-answer.ts';
import { type BenchProps, SideHead } from './side-head.tsx';
import { writeCurl } from './write-call.ts';

interface Compared {
  readonly similarities: readonly { readonly text: string; readonly cosine: number }[];
  readonly dimensions: number;
  readonly tookMs: number;
}

const start = ['How do I reset my password?', 'I forgot my login', 'The weather is nice today'].join('\n');

/** How near texts are to the first of them, by one or two versions. */
export function EmbeddingBench(props: BenchProps) {
  const { model, sides } = props;
  const [text, setText] = useState(start);
  const texts = text.split('\n').filter((line) => line.trim() !== '');
  const compare = useMutation({
    mutationFn: () => Promise.all(sides.map((version) => compareTexts(model.name, version, texts))),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    compare.mutate();
  };
  return (
    <div className={styles.chat}>
      <form className={styles.composer} onSubmit={submit}>
        <textarea
          aria-label="Texts, one a line; the first is compared with the others"
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button kind="main" type="submit" disabled={compare.isPending || texts.length < 2}>
          Compare
        </Button>
      </form>
      {compare.isError ? (
        <p className={styles.error} role="alert">
          {describeError(compare.error)}
        </p>
      ) : null}
      <div className={styles.sides} data-sides={sides.length}>
        {sides.map((version, side) => (
          <Section key={version} isFlush>
            <SideHead {...props} side={side} />
            <div className={styles.result} aria-live="polite">
              <Similarities compared={compare.data?.[side]} />
            </div>
            <div className={styles.copies}>
              <CopyButton
                text={writeCurl({
                  origin: location.origin,
                  path: '/v1/embeddings',
                  version,
                  body: { model: model.name, input: texts },
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

function Similarities({ compared }: { readonly compared: Compared | undefined }) {
  if (compared === undefined)
    return (
      <p className={styles.empty}>
        One text a line. The first is compared with each of the others: 1 is the same meaning, 0 has nothing to do with
        it.
      </p>
    );
  return (
    <>
      <ul className={styles.bars}>
        {compared.similarities.map(({ text, cosine: near }) => (
          <li key={text}>
            <span>{text}</span>
            <span className={styles.value}>{near.toFixed(3)}</span>
            <meter min={0} max={1} value={Math.max(0, near)} aria-label={text} />
          </li>
        ))}
      </ul>
      <p className={styles.figures}>
        {compared.dimensions} dimensions, {formatDuration(compared.tookMs)}
      </p>
    </>
  );
}

async function compareTexts(model: string, modelVersion: string, texts: readonly string[]): Promise<Compared> {
  const began = performance.now();
  const { data } = await ask<EmbeddingList>({
    method: 'POST',
    path: '/v1/embeddings',
    json: { model, input: texts },
    modelVersion,
  });
  const vectors = data.map(({ embedding }) => (typeof embedding === 'string' ? [] : embedding));
  const [first = [], ...others] = vectors;
  return {
    similarities: others.map((vector, index) => ({ text: texts[index + 1] ?? '', cosine: cosine(first, vector) })),
    dimensions: first.length,
    tookMs: performance.now() - began,
  };
}
