import { once } from 'node:events';

/** What a process holds when all garbage is gone. */
export interface Holdings {
  readonly heapBytes: number;
  /** Buffers outside the heap. */
  readonly bufferBytes: number;
  /** TCP connections, accepted and made. */
  readonly sockets: number;
}

export interface Inspected {
  /** Collects the garbage, then looks. */
  measure(): Promise<Holdings>;
  close(): void;
}

const expression = `({
  bufferBytes: process.memoryUsage().arrayBuffers,
  sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
})`;

/**
 * Looks into a Node process as a debugger does; nothing in it has to help.
 * @param output what a process printed that was started with `--inspect=127.0.0.1:0`
 */
export async function inspectProcess(output: string): Promise<Inspected> {
  const address = /Debugger listening on (ws:\S+)/.exec(output)?.[1];
  if (address === undefined) throw new Error('the process was not started with --inspect');
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let lastId = 0;
  const call = (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const listen = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data));
        if (message.id !== id) return;
        socket.removeEventListener('message', listen);
        if (message.error === undefined) resolve(message.result);
        else reject(new Error(message.error.message));
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ id, method, params }));
    });
  };
  return {
    measure: async () => {
      await call('HeapProfiler.collectGarbage');
      const { usedSize } = await call('Runtime.getHeapUsage');
      const { result } = await call('Runtime.evaluate', { expression, returnByValue: true });
      const { value } = result as { value: Omit<Holdings, 'heapBytes'> };
      return { heapBytes: Number(usedSize), ...value };
    },
    close: () => socket.close(),
  };
}
