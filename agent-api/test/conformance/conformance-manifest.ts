/** One model for each script of the upstream, and one that nobody answers for. */
export function conformanceManifest(baseUrl: string): string {
  const version = (model: string, settings = ''): string =>
    `{ runtime: openai-compatible, baseUrl: "${baseUrl}", model: ${model}, options: { retries: 0 }${settings} }`;
  const chat = (name: string, settings = ''): string =>
    `  ${name}:\n    task: chat\n    stable: 1.0.0\n    versions:\n      1.0.0: ${version(name, settings)}\n`;
  return [
    'apiVersion: scarmonit/v1\nmodels:\n',
    chat('speaker'),
    `      1.1.0: ${version('speaker-next')}\n`,
    '  embedder:\n    task: embedding\n    stable: 1.0.0\n    versions:\n',
    `      1.0.0: ${version('embedder')}\n`,
    ...['busy', 'broken', 'choosy', 'locked', 'garbled', 'truncated', 'endless'].map((name) => chat(name)),
    chat('silent', ', timeoutMs: 1000'),
    chat('keyed', `, apiKey: "\${CONFORMANCE_API_KEY}"`),
    chat('redirector', `, apiKey: "\${CONFORMANCE_API_KEY}"`),
    chat('gone').replace(baseUrl, 'http://127.0.0.1:9/v1'),
    '  backed:\n    task: chat\n    stable: 1.0.0\n    versions:\n',
    `      1.0.0: ${version('broken', ', fallbacks: [speaker]')}\n`,
  ].join('');
}
