// Sends chat requests to Scarmonit until it is stopped, and counts which version answered.
// Run: SCARMONIT_API_KEY=sk-scarmonit-… npx node examples/ask-often.ts MODEL [requests a second]
const [model = 'greeter', perSecond = '50'] = process.argv.slice(2);
const url = `${process.env.SCARMONIT_URL ?? 'http://127.0.0.1:8787'}/v1/chat/completions`;
const headers = { authorization: `Bearer ${process.env.SCARMONIT_API_KEY}`, 'content-type': 'application/json' };
const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
const counts = new Map<string, number>();

async function ask(): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
  await response?.arrayBuffer();
  const version = response?.headers.get('x-model-version');
  const what = response?.ok ? `${version} answered` : `failed with ${response?.status ?? 'no answer'}`;
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

setInterval(() => void ask(), 1000 / Number(perSecond));
setInterval(() => {
  console.log([...counts].map(([what, count]) => `${what}: ${count}`).join(', '));
  counts.clear();
}, 5000);
