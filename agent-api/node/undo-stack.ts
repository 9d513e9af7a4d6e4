type Step = () => Promise<void> | void;

/** What was begun, to be undone in reverse order. */
export class UndoStack {
  readonly #steps: Step[] = [];
  #unwinding: Promise<void> | undefined;

  push(step: Step): void {
    this.#steps.push(step);
  }

  /** Takes every step, whatever the others do; once. @throws the first failure, at the end */
  unwind(): Promise<void> {
    this.#unwinding ??= takeAll(this.#steps.reverse());
    return this.#unwinding;
  }
}

async function takeAll(steps: readonly Step[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
