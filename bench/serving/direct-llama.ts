// node-llama-cpp as its documentation shows it: one context, a sequence a client, `evaluate` token by token.
// The parent sends { prompts, maxTokens } and gets { answers, elapsedMs } back.
import { availableParallelism } from 'node:os';
import { getLlama } from 'node-llama-cpp';

const modelPath = process.argv[2];
if (modelPath === undefined) throw new Error('usage: direct-llama.ts MODEL');
const llama = await getLlama({ build: 'never', gpu: false });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  sequences: 4,
  contextSize: 2048,
  flashAttention: true,
  threads: availableParallelism(),
});
const sequences = Array.from({ length: 4 }, () => context.getSequence());

process.on('message', async ({ prompts, maxTokens }: { prompts: readonly string[]; maxTokens: number }) => {
  const startedAt = performance.now();
  const answers = await Promise.all(
    prompts.map(async (prompt, client) => {
      const sequence = sequences[client];
      if (sequence === undefined) throw new Error('more clients than sequences');
      await sequence.clearHistory();
      const tokens = model.tokenize(`<|user|>\n${prompt}</s>\n<|assistant|>\n`, true);
      let firstTokenMs = 0;
      let count = 0;
      for await (const token of sequence.evaluate(tokens, { temperature: 0.7, seed: client })) {
        if (firstTokenMs === 0) firstTokenMs = performance.now() - startedAt;
        count += 1;
        model.detokenize([token]);
        if (count >= maxTokens) break;
      }
      return { firstTokenMs, tokens: count };
    }),
  );
  process.send?.({ answers, elapsedMs: performance.now() - startedAt });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
