// An upstream that answers at once, so that what is measured is what stands in front of it. Run in its own process.
import { createServer, type ServerResponse } from 'node:http';
import { announce } from './announce.ts';
import { pacedDeltas, pacedEnd, pacedEvent, pacedGapMs, pacedModel, streamedAnswer, wholeAnswer } from './wire.ts';

const wholeHeaders = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(wholeAnswer) };
const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(pieces).toString()) as { model?: string; stream?: boolean };
    if (body.stream === true) {
      response.writeHead(200, streamHeaders);
      if (body.model === pacedModel) writePaced(response);
      else writeFrom(response, 0);
    } else {
      response.writeHead(200, wholeHeaders).end(wholeAnswer);
    }
  });
});
server.keepAliveTimeout = 120_000;
announce(server);

/** One event a turn of the event loop: a stream whose events all come in one segment would be none. */
function writeFrom(response: ServerResponse, index: number): void {
  const event = streamedAnswer[index];
  if (event === undefined) {
    response.end();
  } else if (!response.destroyed) {
    response.write(event);
    setImmediate(writeFrom, response, index + 1);
  }
}

function writePaced(response: ServerResponse): void {
  let left = pacedDeltas;
  const timer = setInterval(() => {
    left -= 1;
    response.write(pacedEvent);
    if (left > 0) return;
    clearInterval(timer);
    response.end(pacedEnd);
  }, pacedGapMs);
  response.on('close', () => clearInterval(timer));
}
