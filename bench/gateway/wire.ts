/** What the mock upstream says. The model's name is as long as a real one; the answer is a short chat turn. */
export const upstreamModel = 'mock-llm-8b-instruct';

/** A model that streams {@link pacedDeltas} deltas, one each {@link pacedGapMs}, as a model on a GPU would. */
export const pacedModel = 'mock-paced';
export const pacedDeltas = 64;
export const pacedGapMs = 20;

/** Events of a stream, without the usage and `[DONE]` that follow. */
export const streamChunks = 20;

const identity = { id: 'chatcmpl-b1946ac92492d2347c6235b4d2611184', created: 1_790_000_000, model: upstreamModel };
const usage = { prompt_tokens: 21, completion_tokens: 20, total_tokens: 41 };

/** The answer to a request without `stream`. */
export const wholeAnswer = JSON.stringify({
  ...identity,
  object: 'chat.completion',
  system_fingerprint: 'fp_mock',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'A gateway passes requests on and keeps count of them. '.repeat(4) },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage,
});

/** The events of a stream, usage and end included. */
export const streamedAnswer: readonly string[] = [
  ...Array.from({ length: streamChunks }, (_, index) =>
    frame({
      choices: [
        {
          index: 0,
          delta: index === 0 ? { role: 'assistant', content: '' } : { content: ` word${index}` },
          finish_reason: index === streamChunks - 1 ? 'stop' : null,
        },
      ],
    }),
  ),
  frame({ choices: [], usage }),
  'data: [DONE]\n\n',
];

/** The delta of a paced stream. */
export const pacedEvent = frame({ choices: [{ index: 0, delta: { content: ' word' }, finish_reason: null }] });
/** What ends a paced stream. */
export const pacedEnd = streamedAnswer.slice(streamChunks - 1).join('');

function frame(fields: object): string {
  const chunk = { ...identity, object: 'chat.completion.chunk', system_fingerprint: 'fp_mock', ...fields };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** The body of a small chat request. */
export function chatRequest(model: string, stream: boolean): string {
  return JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You answer in one sentence.' },
      { role: 'user', content: 'What does a gateway in front of language models do?' },
    ],
    temperature: 0.2,
    max_tokens: 64,
    ...(stream ? { stream: true } : {}),
  });
}
