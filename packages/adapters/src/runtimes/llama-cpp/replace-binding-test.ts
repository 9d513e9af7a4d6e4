import { registerHooks } from 'node:module';
import { extname } from 'node:path';

const ours = new URL(`./test-binding${extname(import.meta.url)}`, import.meta.url).href;

/**
 * Gives node-llama-cpp our `test-binding.ts` for its own test of a binary: imported for its effect, before the library.
 * Should a version of the library have that file elsewhere, its own is used, and all that is lost is time.
 */
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context);
    if (!resolved.url.endsWith('/node-llama-cpp/dist/bindings/utils/testBindingBinary.js')) return resolved;
    if (context.parentURL?.startsWith(ours) === true) return resolved;
    return nextResolve(`${ours}?original=${encodeURIComponent(resolved.url)}`, context);
  },
});
