import { WorkerEntrypoint } from 'cloudflare:workers';
import { runOverWire } from './run-over-wire.ts';

interface Env {
  /** Where the emulator listens, such as `http://127.0.0.1:8799`. */
  readonly EMULATOR_URL: string;
}

/**
 * Stands in for the `AI` binding: a service that is bound by the name `AI` has the same `run`. JSON and streams cross by
 * RPC; when the reader cancels a stream, the emulator sees its connection close.
 */
export class WorkersAi extends WorkerEntrypoint<Env> {
  run(model: string, inputs: Readonly<Record<string, unknown>>, options?: Parameters<typeof runOverWire>[3]) {
    return runOverWire(this.env.EMULATOR_URL, model, inputs, options);
  }
}

// biome-ignore lint/style/noDefaultExport: a Worker needs one
export default {
  fetch: () => new Response('This service is asked by RPC: bind its entrypoint WorkersAi as AI.\n', { status: 404 }),
};
