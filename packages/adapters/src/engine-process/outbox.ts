/**
 * Collects messages and hands them on together, so that one write carries all that one turn has to say.
 * @param defer runs its argument later: `queueMicrotask` for least delay, `setImmediate` for a whole turn
 * @returns the function to post a message with
 */
export function createOutbox<Message>(
  transmit: (batch: readonly Message[]) => void,
  defer: (flush: () => void) => void,
): (message: Message) => void {
  let waiting: Message[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    transmit(batch);
  };
  return (message) => {
    waiting.push(message);
    if (waiting.length === 1) defer(flush);
  };
}
