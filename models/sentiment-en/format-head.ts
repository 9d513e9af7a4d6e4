import type { FittedHead } from './fit-linear-head.ts';

const COLUMNS = 120;
const INDENT = '    ';

/**
 * A head as the JSON text that `use-lite-sentiment-to-onnx` reads, many numbers a line. The text is pinned by digest in
 * scarmonit.yaml, so that its layout, which is also the repository formatter's, may not change.
 */
export function formatHead({ weights, bias }: FittedHead): string {
  const lines: string[] = [];
  let line = '';
  for (const [index, weight] of weights.entries()) {
    const item = index === weights.length - 1 ? `${weight}` : `${weight},`;
    if (line !== '' && `${INDENT}${line} ${item}`.length > COLUMNS) {
      lines.push(`${INDENT}${line}`);
      line = item;
    } else {
      line = line === '' ? item : `${line} ${item}`;
    }
  }
  lines.push(`${INDENT}${line}`);
  return `{
  "labels": ["negative", "positive"],
  "bias": ${bias},
  "weights": [
${lines.join('\n')}
  ]
}
`;
}

/** The head with as many digits as float32 can tell apart (9), which is what it is served with. */
export function roundHead({ weights, bias }: FittedHead): FittedHead {
  const round = (value: number) => Number(value.toPrecision(9));
  return { weights: weights.map(round), bias: round(bias) };
}
