import type { FoundPredictions } from '@scarmonit/core/ports/prediction-repository';
import { predictionExportQuerySchema } from '@scarmonit/protocol/admin/prediction';
import { answerHeaders } from '../../http/answer.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';
import { writingOf } from './export-formats.ts';
import { toPredictionFilter, toPredictionView } from './prediction-view.ts';

/** Records that are read, and kept in memory, at once. */
const rowsAtOnce = 1_000;

const utf8 = new TextEncoder();

export const exportPredictions: Route = {
  method: 'GET',
  path: '/api/admin/predictions/export',
  access: 'read',
  limited: false,
  operation: {
    id: 'exportPredictions',
    summary: 'All requests that match, newest first, as lines of JSON or as CSV.',
    tag: 'Admin',
    query: predictionExportQuerySchema,
    answer: { status: 200, texts: ['application/x-ndjson', 'text/csv'] },
  },
  async handle(c, parts) {
    const { format, ...query } = parseValue(predictionExportQuerySchema, c.req.query());
    const filter = toPredictionFilter(query);
    const { projectId } = c.get('key');
    const read = (before: string | undefined): Promise<FoundPredictions> =>
      parts.services.predictions.find(projectId, filter, {
        limit: rowsAtOnce,
        ...(before === undefined ? {} : { before }),
      });
    const { contentType, heading, writeRow } = writingOf[format];
    // Before the head is sent: a store that cannot be read is an error, and no empty file.
    const first = await read(undefined);
    const toText = ({ predictions }: FoundPredictions): string =>
      predictions.map((prediction) => writeRow(toPredictionView(prediction))).join('');
    const headers = {
      ...answerHeaders(c, parts),
      'content-type': contentType,
      'content-disposition': `attachment; filename="predictions.${format}"`,
    };
    return new Response(toStream(heading, first, toText, read), { headers });
  },
};

/** A page is read when the one before has been sent. A failure breaks the body off, so that nobody takes a part for all. */
function toStream(
  heading: string,
  first: FoundPredictions,
  toText: (page: FoundPredictions) => string,
  read: (before: string) => Promise<FoundPredictions>,
): ReadableStream<Uint8Array> {
  let next: FoundPredictions | undefined = first;
  let lead = heading;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        for (let text = ''; text === ''; ) {
          if (next === undefined) return controller.close();
          text = lead + toText(next);
          lead = '';
          const { nextBefore }: FoundPredictions = next;
          if (text !== '') controller.enqueue(utf8.encode(text));
          next = nextBefore === undefined ? undefined : await read(nextBefore);
        }
      },
    },
    { highWaterMark: 0 },
  );
}
