import { describe, expect, it } from 'vitest';
import { PromptPacer } from './prompt-pacer.ts';
import type { SteppedRun } from './step-loop.ts';
import { StepLoop } from './step-loop.ts';

/** A run that writes what happens to it into a shared log; its steps end when the microtasks are done. */
class LoggedRun implements SteppedRun {
  ended = false;
  readonly position: number;
  readonly finished: Promise<void>;
  readonly #name: string;
  readonly #log: string[];
  #promptTokens: number;
  #answerTokens: number;
  #finish: () => void = () => undefined;

  constructor(name: string, promptTokens: number, answerTokens: number, log: string[], position = 0) {
    this.position = position;
    this.#name = name;
    this.#promptTokens = promptTokens;
    this.#answerTokens = answerTokens;
    this.#log = log;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get isAnswering(): boolean {
    return this.#promptTokens === 0;
  }

  async stepPrompt(allowance: number): Promise<number> {
    const tokens = Math.min(allowance, this.#promptTokens);
    this.#promptTokens -= tokens;
    this.#log.push(`${this.#name} reads ${tokens}`);
    return tokens;
  }

  async stepAnswer(): Promise<void> {
    this.#log.push(`${this.#name} writes`);
    this.#answerTokens -= 1;
    if (this.#answerTokens === 0) this.ended = true;
  }

  left(): void {
    this.#log.push(`${this.#name} left`);
    this.#finish();
  }
}

const newLoop = (): StepLoop => new StepLoop(new PromptPacer(80, 16), () => 0);

describe('StepLoop', () => {
  it('goes on with answers between the pieces of a long prompt', async () => {
    const log: string[] = [];
    const loop = newLoop();
    const short = new LoggedRun('short', 16, 3, log);
    const long = new LoggedRun('long', 32, 1, log);
    loop.add(short);
    loop.add(long);
    await Promise.all([short.finished, long.finished]);
    expect(log).toEqual([
      'short reads 16',
      'short writes',
      'long reads 16',
      'short writes',
      'long reads 16',
      'short writes',
      'long writes',
      'short left',
      'long left',
    ]);
    expect(loop.batchSizes).toEqual({ 1: 5, 2: 1 });
  });

  it('lets prompts take turns', async () => {
    const log: string[] = [];
    const loop = newLoop();
    const runs = ['a', 'b'].map((name) => new LoggedRun(name, 32, 1, log));
    for (const run of runs) loop.add(run);
    await Promise.all(runs.map((run) => run.finished));
    expect(log.filter((line) => line.includes('reads'))).toEqual([
      'a reads 16',
      'b reads 16',
      'a reads 16',
      'b reads 16',
    ]);
  });

  it('queues answers in the order of their sequences', async () => {
    const log: string[] = [];
    const loop = newLoop();
    const runs = [2, 0, 1].map((position) => new LoggedRun(String(position), 1, 4, log, position));
    for (const run of runs) loop.add(run);
    await Promise.all(runs.map((run) => run.finished));
    expect(log.join()).toContain('0 writes,1 writes,2 writes');
  });

  it('computes nothing more of a run that ended', async () => {
    const log: string[] = [];
    const loop = newLoop();
    const run = new LoggedRun('gone', 64, 5, log);
    loop.add(run);
    run.ended = true;
    await run.finished;
    expect(log.filter((line) => line !== 'gone left')).toEqual(['gone reads 16']);
  });
});
