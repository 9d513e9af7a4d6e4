// The official OpenAI client against Scarmonit: list, chat, stream, embeddings.
// Run: SCARMONIT_API_KEY=sk-scarmonit-… npx node examples/openai-client.ts
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env.SCARMONIT_URL ?? 'http://127.0.0.1:8787'}/v1`,
  apiKey: process.env.SCARMONIT_API_KEY,
});

const models = await client.models.list();
console.log('models:', models.data.map((model) => model.id).join(', '));

const answer = await client.chat.completions.create({
  model: 'tinyllama-chat',
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
  max_tokens: 48,
  temperature: 0,
});
console.log('chat:', answer.choices[0]?.message.content?.trim());

process.stdout.write('stream: ');
const stream = await client.chat.completions.create({
  model: 'tinyllama-chat',
  messages: [{ role: 'user', content: 'Name three colours.' }],
  max_tokens: 48,
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
process.stdout.write('\n');

const vectors = await client.embeddings.create({
  model: 'use-lite-en',
  input: ['a cat sat on the mat', 'a kitten rested on the rug', 'the stock market fell today'],
});
const [cat, kitten, stocks] = vectors.data.map((item) => item.embedding);
console.log(`embeddings: cat·kitten ${dot(cat, kitten).toFixed(2)}, cat·stocks ${dot(cat, stocks).toFixed(2)}`);

function dot(a: number[] = [], b: number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
