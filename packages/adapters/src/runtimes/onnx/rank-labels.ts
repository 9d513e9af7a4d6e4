/**
 * Softmax of the logits, the likeliest label first.
 * @returns a probability for each label; they sum to 1
 */
export function rankLabels(
  labels: readonly string[],
  logits: Float32Array,
): readonly { readonly label: string; readonly score: number }[] {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  const weights = Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return labels
    .map((label, index) => ({ label, score: (weights[index] ?? 0) / total }))
    .sort((a, b) => b.score - a.score);
}
