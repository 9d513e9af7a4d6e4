import { isMapping } from '../validate-inputs.ts';

/** The JSON objects of an event stream, until `[DONE]`. Ending the iteration cancels the stream. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncIterable<Readonly<Record<string, unknown>>> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.startsWith('data:') ? line.slice(5).trim() : '';
      if (data === '[DONE]') return;
      const event: unknown = data === '' ? undefined : JSON.parse(data);
      if (isMapping(event)) yield event;
    }
  }
}
