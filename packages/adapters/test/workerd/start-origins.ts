import type { TestProject } from 'vitest/node';
import { openMisbehavingOrigins } from '../fixtures/misbehaving-origins.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Addresses of servers that run in Node, beside workerd. */
    readonly origins: { readonly http: string; readonly refused: string; readonly mute: string };
  }
}

/** Starts the servers that the transport's contract asks, since workerd has none. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { http, refused, mute, close } = await openMisbehavingOrigins();
  project.provide('origins', { http, refused, mute });
  return close;
}
