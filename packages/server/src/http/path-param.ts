import type { AgentContext } from '../app-parts.ts';

/** A parameter that the route's own pattern names, so that it is always there. */
export function pathParam(c: AgentContext, name: string): string {
  const value = c.req.param(name);
  if (value === undefined) {
    throw new Error(`The pattern of ${c.req.path} has no :${name}`);
  }
  return value;
}
