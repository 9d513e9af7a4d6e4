// An upstream in OpenAI's wire format that misbehaves on demand, to try rollouts on.
// Run: npx node examples/mock-upstream.ts [port]
// Two models: good-1, and bad-1, which fails one request in five.
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 9901);
let asked = 0;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { model, stream } = JSON.parse(body || '{}');
  const send = (status: number, answer: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  asked += 1;
  if (model === 'bad-1' && asked % 5 === 0) {
    return send(500, { error: { message: 'Out of luck.', type: 'server_error', param: null, code: null } });
  }
  const common = { id: `chatcmpl-${asked}`, created: Math.floor(Date.now() / 1000), model };
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
  const content = `Hello from ${model}.`;
  if (stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    return send(200, { ...common, object: 'chat.completion', choices, usage });
  }
  const chunk = { ...common, object: 'chat.completion.chunk' };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const choice of [
    { index: 0, delta: { role: 'assistant', content }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: 'stop' },
  ]) {
    response.write(`data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`);
  }
  response.end(`data: ${JSON.stringify({ ...chunk, choices: [], usage })}\n\ndata: [DONE]\n\n`);
});
server.listen(port, '127.0.0.1', () => console.log(`mock upstream on http://127.0.0.1:${port}/v1`));
