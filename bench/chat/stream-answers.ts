/** Who answers, and how to ask for it. */
export interface Answerer {
  /** Up to and including `/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string;
}

/** What one run gave. */
export interface ChatFigures {
  /** Tokens of all answers by the time until the last of them was whole. */
  readonly tokensPerSecond: number;
  /** From sending to the first piece of text, mean over the clients. */
  readonly firstTokenMs: number;
}

interface Answer {
  readonly tokens: number;
  readonly firstTokenMs: number;
}

/** So many clients at once, each streaming one whole answer. */
export async function streamAnswers(
  answerer: Answerer,
  prompts: readonly string[],
  maxTokens: number,
): Promise<ChatFigures> {
  const startedAt = performance.now();
  const answers = await Promise.all(prompts.map((prompt) => streamAnswer(answerer, prompt, maxTokens)));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    tokensPerSecond: answers.reduce((sum, { tokens }) => sum + tokens, 0) / seconds,
    firstTokenMs: answers.reduce((sum, { firstTokenMs }) => sum + firstTokenMs, 0) / answers.length,
  };
}

async function streamAnswer({ baseUrl, model, key }: Answerer, prompt: string, maxTokens: number): Promise<Answer> {
  const sentAt = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: prompt }],
      max_tokens: maxTokens,
      temperature: 0.7,
      seed: 1,
      // Both as OpenAI's API has them; llama.cpp's server has others of its own.
      top_p: 1,
      top_k: 0,
      min_p: 0,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  let firstTokenMs: number | undefined;
  let tokens: number | undefined;
  for await (const data of readEvents(response.body)) {
    if (data === '[DONE]') continue;
    const event = JSON.parse(data) as {
      readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
      readonly usage?: { readonly completion_tokens: number } | null;
      readonly error?: { readonly message: string };
    };
    if (event.error !== undefined) throw new Error(event.error.message);
    if (event.choices?.[0]?.delta?.content) firstTokenMs ??= performance.now() - sentAt;
    tokens = event.usage?.completion_tokens ?? tokens;
  }
  if (firstTokenMs === undefined || tokens === undefined) throw new Error(`${model} sent no text or no usage.`);
  return { tokens, firstTokenMs };
}

/** The `data:` lines of server-sent events as both of them write them. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length);
  }
}
