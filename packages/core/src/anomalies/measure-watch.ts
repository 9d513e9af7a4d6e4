import { Baseline, type BaselineState } from './baseline.ts';
import { type JudgedWindow, type Judgement, judgeUnseen, judgeWindow } from './judge-window.ts';
import { type Measure, type MeasureRule, measureRules } from './measures.ts';
import type { SubjectKind, Usage } from './usage.ts';

/** What is known of one measure of a subject at rest. Plain JSON. */
export interface MeasureState {
  readonly baseline: BaselineState;
  readonly judgement: Judgement;
}

/** Judges and then learns the windows of one measure, in order of time. */
export class MeasureWatch {
  readonly #kind: SubjectKind;
  readonly #rule: MeasureRule;
  readonly #newId: () => string;
  #baseline: Baseline | undefined;
  #judgement: Judgement;

  constructor(kind: SubjectKind, measure: Measure, state: MeasureState | undefined, newId: () => string) {
    this.#kind = kind;
    this.#rule = measureRules[measure];
    this.#newId = newId;
    this.#baseline = state && Baseline.fromState(state.baseline);
    this.#judgement = state?.judgement ?? { streak: 0 };
  }

  get isOpen(): boolean {
    return this.#judgement.open !== undefined;
  }

  /** Undefined as long as there was nothing to learn. */
  toState(): MeasureState | undefined {
    return this.#baseline && { baseline: this.#baseline.toState(), judgement: this.#judgement };
  }

  watch(at: number, usage: Usage): JudgedWindow | undefined {
    const value = this.#rule.read(usage);
    if (value === undefined) return this.#calm(at);
    const level = this.#rule.toLevel(value);
    if (this.#baseline === undefined) {
      this.#baseline = Baseline.begin(at, level);
      this.#baseline.learn(at, level);
      return undefined;
    }
    const usual = this.#baseline.usualAt(at);
    const judged = judgeWindow(this.#kind, this.#rule, { at, usage, value }, usual, this.#judgement, this.#newId);
    this.#judgement = judged.judgement;
    this.#baseline.learn(at, level);
    return judged;
  }

  /** What is not seen any more is not unusual any more. */
  #calm(at: number): JudgedWindow | undefined {
    if (this.#judgement.open === undefined) {
      this.#judgement = { ...this.#judgement, streak: 0 };
      return undefined;
    }
    const judged = judgeUnseen(this.#judgement.open, this.#judgement.told, at);
    this.#judgement = judged.judgement;
    return judged;
  }
}
