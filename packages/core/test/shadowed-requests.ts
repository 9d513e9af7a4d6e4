import type { WireRequest } from '../src/ports/model-runtime.ts';
import type { Traffic } from '../src/routing/traffic.ts';

/** Of a rollout whose candidate gets a copy of each request, and no request. */
export const shadowed: Traffic = {
  model: 'chat',
  revision: 2,
  stable: '1.0.0',
  candidate: '1.1.0',
  weight: 0,
  shadow: 1,
  sticky: 'none',
  salt: 'salt',
  rolloutId: 'r1',
  decidedBy: 'controller',
  reason: '',
  createdAt: 0,
};

export const chatRequest: WireRequest = { endpoint: 'chat/completions', body: {}, text: '{}', publicModel: 'chat' };

/** An upstream's answer to it, as it comes over the wire. */
export const chatAnswer = (text: string): string =>
  JSON.stringify({ choices: [{ index: 0, message: { content: text } }] });
