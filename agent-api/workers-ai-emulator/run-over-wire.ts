/**
 * `env.AI.run` as workerd does it, with the emulator in place of Cloudflare: one POST in the binding's wire, the answer by
 * its content type, errors as `{internalCode}: {description}`.
 * https://github.com/cloudflare/workerd/blob/main/src/cloudflare/internal/ai-api.ts
 * @param emulatorUrl such as `http://127.0.0.1:8799`
 * @returns the model's result, or the stream of an answer that is none
 */
export async function runOverWire(
  emulatorUrl: string,
  model: string,
  inputs: Readonly<Record<string, unknown>>,
  { signal, ...options }: { readonly [option: string]: unknown; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  const response = await fetch(`${emulatorUrl}/run?version=3`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'cf-consn-sdk-version': '2.0.0',
      'cf-consn-model-id': model,
    },
    body: JSON.stringify({ inputs, options }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok || response.body === null) throw await readError(response);
  if (inputs['stream'] === true) return response.body;
  return response.headers.get('content-type') === 'application/json' ? response.json() : response.body;
}

async function readError(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const { internalCode, description, name } = JSON.parse(text);
    return Object.assign(new Error(`${internalCode}: ${description}`), { name });
  } catch {
    return Object.assign(new Error(text), { name: 'InferenceUpstreamError' });
  }
}
