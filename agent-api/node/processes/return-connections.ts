import type { ChildProcess } from 'node:child_process';

interface ClusterMessage {
  readonly cmd?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Gives connections on that were handed to a process which ended before it took them. Node's cluster waits for ever for
 * what becomes of such a connection (lib/internal/cluster/round_robin_handle.js, `handoff`), and so would its client. Here
 * the primary is told what a process that is shutting down would say: not accepted.
 */
export function returnConnections(child: ChildProcess): void {
  const handed = new Set<number>();
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (message: ClusterMessage, handle?: unknown, ...rest: unknown[]): boolean => {
    if (message.cmd === 'NODE_CLUSTER' && handle !== undefined && message.seq !== undefined) handed.add(message.seq);
    return send(message, handle, ...rest);
  };
  child.on('internalMessage', ({ cmd, ack }: ClusterMessage) => {
    if (cmd === 'NODE_CLUSTER' && ack !== undefined) handed.delete(ack);
  });
  child.once('exit', () => {
    // After the cluster has taken it from the processes that are to get connections.
    setImmediate(() => {
      for (const ack of handed) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false });
    });
  });
}
