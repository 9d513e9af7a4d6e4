/** A call that somebody may repeat elsewhere. */
export interface Call {
  readonly origin: string;
  readonly path: string;
  readonly version: string;
  readonly body: object;
}

/** The call for a shell; the key comes from the environment. */
export function writeCurl({ origin, path, version, body }: Call): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return [
    `curl ${origin}${path}`,
    '  -H "authorization: Bearer $SCARMONIT_API_KEY"',
    '  -H "content-type: application/json"',
    `  -H "x-model-version: ${version}"`,
    `  -d '${json}'`,
  ].join(' \\\n');
}

/** A chat for the official client of JavaScript. */
export function writeOpenAiClient({ origin, version, body }: Call): string {
  return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: process.env.SCARMONIT_API_KEY });
const stream = await client.chat.completions.create(
  ${JSON.stringify({ ...body, stream: true }, null, 2).replaceAll('\n', '\n  ')},
  { headers: { 'x-model-version': '${version}' } },
);
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '');
`;
}
