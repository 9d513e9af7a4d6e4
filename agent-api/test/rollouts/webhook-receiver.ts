import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ReceiptHeadView } from '@scarmonit/protocol/admin/receipt';

/** What a host told its webhook of a rollout. */
export interface Told {
  readonly type: string;
  readonly data: { readonly model: string; readonly head: ReceiptHeadView };
  /** As the header has it. */
  readonly signature: string;
}

export interface WebhookReceiver {
  /** What makes a host tell it. */
  readonly env: Readonly<Record<string, string>>;
  /** All that came, in the order in which it came. */
  readonly told: readonly Told[];
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    const { type, data } = (await json(request)) as Pick<Told, 'type' | 'data'>;
    told.push({ type, data, signature: String(request.headers['webhook-signature']) });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    env: {
      SCARMONIT_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/moves`,
      SCARMONIT_WEBHOOK_SECRET: 'only-for-tests-only-for-tests-only',
      SCARMONIT_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
    told,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
