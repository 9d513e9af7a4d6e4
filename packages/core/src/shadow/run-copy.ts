import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { LoadedVersion, RequestContext, WireAnswer, WireRequest } from '../ports/model-runtime.ts';
import type { PlainAnswer } from './plain-answer.ts';
import { readAnswer } from './read-answer.ts';
import type { PlainRequest, ReadWireRequest, ShadowWork } from './shadow-work.ts';

/**
 * Asks another version what a request asked, and reads its answer.
 * @param readWire for a version that does not speak the format in which the request was handed on
 * @throws ScarmonitError `unsupported` when it takes no requests of that kind; `bad_gateway` for an answer that cannot be
 *   read; and what the version throws
 */
export async function runCopy(
  version: LoadedVersion,
  work: ShadowWork,
  context: RequestContext,
  readWire: ReadWireRequest | undefined,
): Promise<PlainAnswer> {
  const answer = readAnswer(await answerAgain(version, work, context, readWire));
  if (answer === undefined) throw new ScarmonitError('bad_gateway', 'The answer cannot be read.');
  return answer;
}

/** A request without its answer. */
type Question = Omitting<ShadowWork, 'answer'>;
type Omitting<Work, Field extends string> = Work extends unknown ? Omit<Work, Field> : never;

async function answerAgain(
  version: LoadedVersion,
  work: Question,
  context: RequestContext,
  readWire: ReadWireRequest | undefined,
): Promise<ShadowWork> {
  switch (work.kind) {
    case 'classify':
      if (version.classify === undefined) throw cannot('classify');
      return { ...work, answer: await version.classify(work.request, context) };
    case 'embed':
      if (version.embed === undefined) throw cannot('embed');
      return { ...work, answer: await version.embed(work.request, context) };
    case 'generate':
      if (version.generate === undefined) throw cannot('generate text');
      return { ...work, answer: await collect(version.generate(work.request, context)) };
    case 'forward':
      if (version.forward === undefined)
        return answerAgain(version, readOrRefuse(work.request, readWire), context, readWire);
      return { ...work, answer: await readTexts(await version.forward(work.request, context)) };
  }
}

/** What cannot be read for it is something that it does not do, whatever the fault is called. */
function readOrRefuse(request: WireRequest, readWire: ReadWireRequest | undefined): PlainRequest {
  if (readWire === undefined) throw cannot('take requests in wire format');
  try {
    return readWire(request);
  } catch (error) {
    throw new ScarmonitError('unsupported', 'Only an upstream can do what was asked.', { cause: error });
  }
}

async function readTexts(answer: WireAnswer): Promise<readonly string[]> {
  if (answer.kind === 'json') return [answer.text];
  return (await collect(answer.chunks)).flatMap(({ text }) => (text === undefined ? [] : [text]));
}

async function collect<T>(parts: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const part of parts) collected.push(part);
  return collected;
}

function cannot(ability: string): ScarmonitError {
  return new ScarmonitError('unsupported', `The version cannot ${ability}.`);
}
