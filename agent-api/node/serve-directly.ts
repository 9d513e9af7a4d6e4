import type { IncomingMessage, ServerResponse } from 'node:http';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { CancelSource } from '@scarmonit/core/inference/cancel-source';
import type { AnswerDirectly, DirectRequest } from '@scarmonit/server/direct-routes';
import type { Answer } from '@scarmonit/server/http/answer';
import { sendPieces } from './send-pieces.ts';

/** A body of more bytes gains nothing by the direct way. */
const longestBodyBytes = 1024 * 1024;

/**
 * Whether a request is plain enough for the direct way: it says how long its body is, brings its own key, and asks for
 * nothing that browsers need an answer to.
 */
export function isPlain({ headers }: IncomingMessage): boolean {
  return (
    Number(headers['content-length']) <= longestBodyBytes &&
    headers.origin === undefined &&
    headers.authorization !== undefined
  );
}

/** Answers a request from Node's own objects. */
export function serveDirectly(answer: AnswerDirectly, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const request = new NodeRequest(incoming);
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) request.leave();
  });
  void answer(request).then((answered) => send(answered, outgoing));
}

class NodeRequest implements DirectRequest {
  readonly signal = new CancelSource();
  readonly #incoming: IncomingMessage;
  #stopReading: (() => void) | undefined;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  leave(): void {
    this.#stopReading?.();
    this.signal.abort(new Error('The client closed the connection.'));
  }

  /** Its declared length was checked: Node delivers no more than that. */
  readBody(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#stopReading = () =>
        reject(new ScarmonitError('cancelled', 'The client left before the request was complete.'));
      if (this.signal.aborted) this.#stopReading();
      const pieces: Buffer[] = [];
      this.#incoming.on('data', (piece: Buffer) => pieces.push(piece));
      this.#incoming.on('end', () => {
        this.#stopReading = undefined;
        resolve(decode(pieces));
      });
    });
  }
}

function decode(pieces: readonly Buffer[]): string {
  const [first] = pieces;
  const text = pieces.length === 1 && first !== undefined ? first.toString() : Buffer.concat(pieces).toString();
  // A byte order mark is no part of a body's text.
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function send({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  if (typeof body === 'string') {
    outgoing.writeHead(status, flatten(headers, ['content-length', String(Buffer.byteLength(body))]));
    outgoing.end(body);
  } else if (outgoing.destroyed) {
    void body.cancel();
  } else {
    outgoing.writeHead(status, flatten(headers, []));
    void sendPieces(body, outgoing);
  }
}

/** Adds headers in the form that Node writes with the least work. */
function flatten(headers: Readonly<Record<string, string>>, flat: string[]): string[] {
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat.push(name, value);
  }
  return flat;
}
