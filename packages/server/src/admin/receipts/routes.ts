import type { Receipt } from '@scarmonit/core/receipts/receipt';
import type { ReceiptReport } from '@scarmonit/core/services/agent-services';
import {
  type ReceiptHeadList,
  type ReceiptPage,
  type ReceiptReportView,
  type ReceiptView,
  receiptHeadListSchema,
  receiptPageSchema,
  receiptQuerySchema,
  receiptReportSchema,
  verifyQuerySchema,
  verifyRequestSchema,
} from '@scarmonit/protocol/admin/receipt';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody, parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

const path = '/api/admin/receipts';

export const listReceipts: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listReceipts',
    summary: 'Evidence as it was recorded, newest first.',
    tag: 'Admin',
    query: receiptQuerySchema,
    answer: { status: 200, schemas: { ReceiptPage: receiptPageSchema } },
  },
  async handle(c, parts) {
    const { limit, ...filter } = parseValue(receiptQuerySchema, c.req.query());
    // One more than asked for tells whether there is a next page.
    const found = await parts.services.receipts.find({ limit: limit + 1, ...dropNullish(filter) });
    const data = found.slice(0, limit).map(toReceiptView);
    const nextBefore = found.length > limit ? (data.at(-1)?.sequence ?? null) : null;
    return answerJson(c, parts, { data, nextBefore } satisfies ReceiptPage);
  },
};

export const listReceiptHeads: Route = {
  method: 'GET',
  path: `${path}/heads`,
  access: 'read',
  limited: false,
  operation: {
    id: 'listReceiptHeads',
    summary: 'The signed heads of the chain. Keep one elsewhere: it shows when the tail is cut off later.',
    tag: 'Admin',
    answer: { status: 200, schemas: { ReceiptHeadList: receiptHeadListSchema } },
  },
  async handle(c, parts) {
    return answerJson(c, parts, { data: [...(await parts.services.receipts.heads())] } satisfies ReceiptHeadList);
  },
};

const report = { status: 200, schemas: { ReceiptReport: receiptReportSchema } } as const;

export const verifyReceipts: Route = {
  method: 'GET',
  path: `${path}/verify`,
  access: 'read',
  limited: false,
  operation: {
    id: 'verifyReceipts',
    summary: 'Check the whole chain: nothing edited, removed, put in another order or cut off.',
    tag: 'Admin',
    query: verifyQuerySchema,
    answer: report,
  },
  async handle(c, parts) {
    const { recompute } = parseValue(verifyQuerySchema, c.req.query());
    return answerJson(c, parts, toReportView(await parts.services.receipts.verify({ heads: [], recompute })));
  },
};

export const verifyReceiptsAgainst: Route = {
  method: 'POST',
  path: `${path}/verify`,
  access: 'read',
  limited: false,
  operation: {
    id: 'verifyReceiptsAgainst',
    summary: 'Check the whole chain against heads that were kept elsewhere.',
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { VerifyRequest: verifyRequestSchema } },
    answer: report,
  },
  async handle(c, parts) {
    const evidence = parseBody(verifyRequestSchema, c.get('body'));
    return answerJson(c, parts, toReportView(await parts.services.receipts.verify(evidence)));
  },
};

function toReceiptView({ rolloutId, body, ...receipt }: Receipt): ReceiptView {
  return { ...receipt, rolloutId: rolloutId ?? null, body: { ...body } };
}

function toReportView({ last, problems, ...report }: ReceiptReport): ReceiptReportView {
  return { ...report, last: last ?? null, problems: [...problems] };
}
