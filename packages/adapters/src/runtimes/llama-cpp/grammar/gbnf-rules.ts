import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/**
 * Collects the rules of a GBNF grammar.
 * Format: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
 */
export class GbnfRules {
  readonly #rules = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #next = 0;

  /** Adds a rule and returns its name; rules with the same body share one. */
  add(body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = this.reserve();
    this.#names.set(body, name);
    this.define(name, body);
    return name;
  }

  /** A name whose rule follows later through {@link define}, for schemas that refer to themselves. */
  reserve(): string {
    return `r${this.#next++}`;
  }

  define(name: string, body: string): void {
    this.#rules.set(name, body);
    if (this.#rules.size > maxRules) {
      throw new ScarmonitError('unsupported', `The schema is too large: it needs more than ${maxRules} grammar rules.`);
    }
  }

  /** The whole grammar, whose answers are what `root` matches. */
  write(root: string): string {
    return [`root ::= ${root}`, ...[...this.#rules].map(([name, body]) => `${name} ::= ${body}`)].join('\n');
  }
}

const maxRules = 5000;

/** A GBNF literal that matches exactly this text. */
export function literal(text: string): string {
  const escaped = text.replace(/["\\\n\r\t]/g, (char) => literalEscapes[char] ?? char);
  return `"${escaped}"`;
}

const literalEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** One of several bodies. */
export function oneOf(bodies: readonly string[]): string {
  return bodies.length === 1 ? (bodies[0] ?? '') : `(${bodies.join(' | ')})`;
}
