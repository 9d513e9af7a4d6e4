/**
 * About how many tokens texts have, where the platform does not say: four characters a token, as OpenAI reckons for English
 * (https://help.openai.com/en/articles/4936856), and one a text at the least.
 */
export function estimateTokens(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.max(1, Math.ceil(text.length / 4)), 0);
}
