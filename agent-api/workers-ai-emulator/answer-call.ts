import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Answers, ChatPiece } from './answers/answers.ts';
import { EmulatedError } from './error-table.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { findModel } from './model-catalogue.ts';
import type { LoggedRequest } from './request-log.ts';
import { isMapping, readChatInputs, readClassificationInputs, readEmbeddingInputs } from './validate-inputs.ts';
import type { Wire } from './wire.ts';
import { type ChatFormat, collectChat, createOpenAiFormat, nativeFormat } from './write-chat.ts';

/** A request for a model, whichever door it came through. */
export interface ModelCall {
  readonly wire: Wire;
  readonly model: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: unknown;
  readonly misbehaviour: Misbehaviour | undefined;
  readonly record: LoggedRequest;
  readonly response: ServerResponse;
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
}

/** Frames that are written before a stream goes wrong. */
const framesBeforeTrouble = 2;
const queueMs = 500;

/** Answers one call, well or as badly as it was ordered. @throws EmulatedError before anything was written */
export async function answerCall(call: ModelCall, answers: Answers): Promise<void> {
  const { wire, model, inputs, signal } = call;
  await misbehaveFirst(call);
  if (call.response.writableEnded || call.response.destroyed) return;
  const { task, frames } = findModel(model);
  if (task === 'embedding') {
    const { texts, pooling } = readEmbeddingInputs(inputs);
    const data = await answers.embed(texts, signal);
    return writeJson(call, wire.writeResult({ shape: [data.length, data[0]?.length ?? 0], data, pooling }));
  }
  if (task === 'classification') {
    return writeJson(call, wire.writeResult(await answers.classify(readClassificationInputs(inputs), signal)));
  }
  const chat = readChatInputs(inputs);
  const format = wire.alwaysOpenAi || frames === 'openai' ? createOpenAiFormat(model) : nativeFormat;
  const pieces = answers.chat(chat, signal);
  const isJson = chat.responseFormat !== undefined && chat.responseFormat['type'] !== 'text';
  if (!chat.stream) return writeJson(call, wire.writeResult(format.toResult(await collectChat(pieces, isJson))));
  if (isJson) throw new EmulatedError(5006, "JSON Mode currently doesn't support streaming");
  await writeStream(call, format, pieces);
}

/** What goes wrong before the model is asked. */
async function misbehaveFirst({
  misbehaviour,
  options,
  inputs,
  response,
  signal,
  wire,
  record,
}: ModelCall): Promise<void> {
  const isStream = inputs['stream'] === true;
  switch (misbehaviour?.kind) {
    case 'error':
      throw new EmulatedError(misbehaviour.code);
    case 'busy':
      if (isMapping(options) && options['rejectIfBusy'] === true) throw new EmulatedError(3040);
      await setTimeout(queueMs, undefined, { signal });
      return;
    case 'slow':
      await setTimeout(misbehaviour.ms, undefined, { signal });
      return;
    case 'hang':
      await untilAborted(signal);
      return;
    case 'success-false':
      writeJson({ response, record }, wire.writeError(new EmulatedError(5006, 'the answer is no success')));
      return;
    case 'malformed':
      if (!isStream) writeText({ response, record }, 200, '{"result":{"response":');
      return;
    case 'break':
      if (!isStream) response.destroy();
      return;
    default:
  }
}

async function writeStream(call: ModelCall, format: ChatFormat, pieces: AsyncIterable<ChatPiece>): Promise<void> {
  const { response, misbehaviour, record, signal } = call;
  let index = 0;
  for await (const piece of pieces) {
    for (const frame of format.toFrames(piece, index)) {
      if (!response.headersSent) beginStream(call);
      if (record.frames >= framesBeforeTrouble && (await misbehaveWithin(call))) return;
      if (misbehaviour?.kind === 'slow' && index > 0) await setTimeout(misbehaviour.ms, undefined, { signal });
      response.write(`data: ${JSON.stringify(frame)}\n\n`);
      record.frames += 1;
      index += 1;
    }
  }
  response.end('data: [DONE]\n\n');
}

/** @returns whether the stream is over */
async function misbehaveWithin({ response, misbehaviour, signal }: ModelCall): Promise<boolean> {
  switch (misbehaviour?.kind) {
    case 'truncate':
      response.end();
      return true;
    case 'break':
      // What was written must have left before the connection is cut.
      await new Promise(setImmediate);
      response.destroy();
      return true;
    case 'malformed':
      response.end('data: {"response":"half a\n\ndata: [DONE]\n\n');
      return true;
    case 'stall':
      await untilAborted(signal);
      return true;
    default:
      return false;
  }
}

function beginStream({ response, record }: ModelCall): void {
  record.status = 200;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

function writeJson(call: Pick<ModelCall, 'response' | 'record'>, body: unknown): void {
  writeText(call, 200, JSON.stringify(body));
}

function writeText({ response, record }: Pick<ModelCall, 'response' | 'record'>, status: number, text: string): void {
  if (response.writableEnded) return;
  record.status = status;
  // Exactly this: with a charset the binding would take it for a stream.
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
