/** The engine as its process imports it: what has to be in place before node-llama-cpp is imported, then the engine. */
import './replace-binding-test.ts';

export const { createEngine, prepareEngine } = await import('./engine.ts');
