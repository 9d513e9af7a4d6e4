import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { describeError } from '../../format/describe-error.ts';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Section } from '../../parts/page.tsx';
import { AnswerFoot } from './answer-foot.tsx';
import styles from './bench.module.css';
import { type BenchProps, SideHead } from './side-head.tsx';
import { type AnswerSoFar, type ChatTurn, streamAnswer } from './stream-answer.ts';
import { writeCurl, writeOpenAiClient } from './write-call.ts';

/** What came of a prompt on one side. */
interface Reply {
  readonly answer: AnswerSoFar;
  readonly error?: string;
}

interface Exchange {
  readonly prompt: string;
  readonly replies: Readonly<Record<string, Reply>>;
}

const nothing: AnswerSoFar = { text: '', isDone: false };

/** A conversation with one or two versions; each sees its own answers. */
export function ChatBench(props: BenchProps) {
  const { model, sides } = props;
  const [exchanges, setExchanges] = useState<readonly Exchange[]>([]);
  const [prompt, setPrompt] = useState('');
  const [running, setRunning] = useState<AbortController>();
  const input = useRef<HTMLTextAreaElement>(null);

  const update = (version: string, change: (reply: Reply) => Reply): void =>
    setExchanges((all) =>
      all.map((exchange, index) =>
        index === all.length - 1
          ? {
              ...exchange,
              replies: { ...exchange.replies, [version]: change(exchange.replies[version] ?? { answer: nothing }) },
            }
          : exchange,
      ),
    );

  const askSide = async (version: string, text: string, signal: AbortSignal): Promise<void> => {
    const turns = [...toTurns(exchanges, version), { role: 'user', content: text } as const];
    try {
      await streamAnswer({ model: model.name, version, turns, signal }, (answer) =>
        update(version, () => ({ answer })),
      );
    } catch (error) {
      const told = signal.aborted ? 'Stopped.' : describeError(error);
      update(version, ({ answer }) => ({ answer: { ...answer, isDone: true }, error: told }));
    }
  };

  const ask = async (text: string): Promise<void> => {
    const controller = new AbortController();
    setRunning(controller);
    setPrompt('');
    setExchanges([...exchanges, { prompt: text, replies: {} }]);
    await Promise.all(sides.map((version) => askSide(version, text, controller.signal)));
    setRunning(undefined);
    input.current?.focus();
  };

  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (running === undefined && prompt.trim() !== '') void ask(prompt.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  const call = (version: string) => ({
    origin: location.origin,
    path: '/v1/chat/completions',
    version,
    body: {
      model: model.name,
      messages:
        exchanges.length === 0
          ? [{ role: 'user', content: prompt || 'Hello' }]
          : toTurns(exchanges, version).slice(0, -1),
    },
  });

  return (
    <div className={styles.chat}>
      <div className={styles.sides} data-sides={sides.length}>
        {sides.map((version, side) => (
          <Section key={version} isFlush>
            <SideHead {...props} side={side} />
            <div className={styles.transcript} aria-live="polite" aria-busy={running !== undefined}>
              {exchanges.length === 0 ? (
                <p className={styles.empty}>
                  {side === 0 ? 'Ask something below. ' : ''}What you ask goes to{' '}
                  {sides.length === 2 ? 'both versions' : 'this version'}; how fast each answers stands under its
                  answer.
                </p>
              ) : null}
              {exchanges.map(({ prompt: asked, replies }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: they are only ever added to
                <div key={index} className={styles.exchange}>
                  <p className={styles.prompt}>{asked}</p>
                  <ReplyView reply={replies[version]} props={props} version={version} />
                </div>
              ))}
            </div>
            <div className={styles.copies}>
              <CopyButton
                text={writeCurl(call(version))}
                label="Copy this conversation as a curl command"
                words="curl"
              />
              <CopyButton
                text={writeOpenAiClient(call(version))}
                label="Copy it for the OpenAI client"
                words="OpenAI client"
              />
            </div>
          </Section>
        ))}
      </div>
      <form className={styles.composer} onSubmit={submit}>
        <textarea
          ref={input}
          aria-label="Prompt"
          placeholder={`Ask ${model.name}`}
          rows={2}
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {exchanges.length > 0 && running === undefined ? (
          <Button onClick={() => setExchanges([])}>Start over</Button>
        ) : null}
        {running === undefined ? (
          <Button kind="main" type="submit" disabled={prompt.trim() === ''}>
            <Icon name="send" />
            Ask
          </Button>
        ) : (
          <Button onClick={() => running.abort()}>
            <Icon name="stop" />
            Stop
          </Button>
        )}
      </form>
    </div>
  );
}

function ReplyView(props: { readonly reply: Reply | undefined; readonly props: BenchProps; readonly version: string }) {
  const { reply, version } = props;
  if (reply === undefined) return <p className={styles.waiting}>waiting for the first token</p>;
  const prices = props.props.model.versions.find((one) => one.version === version)?.prices;
  return (
    <>
      <p className={styles.answer}>{reply.answer.text}</p>
      {reply.error === undefined ? null : (
        <p className={styles.error} role="alert">
          {reply.error}
        </p>
      )}
      <AnswerFoot answer={reply.answer} prices={prices} />
    </>
  );
}

/** The conversation as one version knows it. */
function toTurns(exchanges: readonly Exchange[], version: string): readonly ChatTurn[] {
  return exchanges.flatMap(({ prompt, replies }) => [
    { role: 'user', content: prompt } as const,
    { role: 'assistant', content: replies[version]?.answer.text ?? '' } as const,
  ]);
}
