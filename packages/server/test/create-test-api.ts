import type { InferenceService } from '@scarmonit/core/services/agent-services';
import OpenAI from 'openai';
import type { AgentApiOptions } from '../src/app-parts.ts';
import { createAgentApi } from '../src/create-agent-api.ts';
import { createdAt, createFakeServices, type FakeState, secrets } from './fake-services.ts';

export interface TestApi {
  readonly state: FakeState;
  /** Failures that were reported as ours. */
  readonly reported: { readonly error: unknown; readonly requestId: string }[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs JSON with a key that may infer. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The official client, wired to the app. */
  client(apiKey?: string): OpenAI;
}

/**
 * The real app over fake services, with ids that count and a clock that stands still.
 * @param inference stands in for the fake one
 */
export function createTestApi(options: AgentApiOptions = {}, inference?: InferenceService): TestApi {
  const { services: fakes, state } = createFakeServices();
  const services = inference === undefined ? fakes : { ...fakes, inference };
  const reported: TestApi['reported'] = [];
  let ids = 0;
  const app = createAgentApi(services, {
    newId: () => {
      ids += 1;
      return `id${ids}`;
    },
    clock: { now: () => createdAt + 500, monotonicMs: () => 0 },
    onError: (error, requestId) => reported.push({ error, requestId }),
    ...options,
  });
  const fetch: TestApi['fetch'] = async (path, init) => app.fetch(new Request(`http://127.0.0.1${path}`, init));
  return {
    state,
    reported,
    fetch,
    post: (path, body, headers = {}) =>
      fetch(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${secrets.infer}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    client: (apiKey = secrets.infer) =>
      new OpenAI({
        apiKey,
        baseURL: 'http://127.0.0.1/v1',
        maxRetries: 0,
        fetch: (input, init) => fetchUntilAborted(app, new Request(input, init)),
      }),
  };
}

/** As the real `fetch` does, fails at once when the caller aborts, whatever the server is doing. */
async function fetchUntilAborted(app: ReturnType<typeof createAgentApi>, request: Request): Promise<Response> {
  const aborted = Promise.withResolvers<never>();
  request.signal.addEventListener('abort', () => aborted.reject(request.signal.reason));
  return Promise.race([app.fetch(request), aborted.promise]);
}
