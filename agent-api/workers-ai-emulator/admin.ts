import { type Orders, parseMisbehaviour } from './misbehaviour.ts';
import type { RequestLog } from './request-log.ts';
import { isMapping } from './validate-inputs.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The emulator's own routes, which Cloudflare has not. @returns undefined for a path that is none of them */
export function answerAdmin(
  { method, path, bodyText }: { readonly method: string; readonly path: string; readonly bodyText: string },
  { log, orders }: { readonly log: RequestLog; readonly orders: Orders },
): AdminAnswer | undefined {
  switch (`${method} ${path}`) {
    case 'GET /emulator/requests':
      return { status: 200, body: { requests: log.list() } };
    case 'DELETE /emulator/requests':
      log.clear();
      return { status: 200, body: { requests: [] } };
    case 'POST /emulator/behaviour':
      return giveOrder(bodyText, orders);
    case 'DELETE /emulator/behaviour':
      orders.clear();
      return { status: 200, body: { behaviour: null } };
    default:
      return undefined;
  }
}

function giveOrder(bodyText: string, orders: Orders): AdminAnswer {
  try {
    const body: unknown = JSON.parse(bodyText);
    const { behaviour, times = Number.MAX_SAFE_INTEGER } = isMapping(body) ? body : {};
    if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
      throw new RangeError('times must be 1 or more');
    orders.give(parseMisbehaviour(String(behaviour)), times);
    return { status: 200, body: { behaviour, times } };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}
