declare global {
  /** What `public/start.js` has asked for before this script was here, by path and query. */
  var earlyAnswers: Map<string, Promise<Response>> | undefined;
}

/**
 * `fetch`, which takes what was asked for beforehand where there is such an answer. Each is taken once: what is asked for
 * again is asked for anew.
 */
export function fetchOrTakeEarly(url: string, init: RequestInit): Promise<Response> {
  const path = url.slice(location.origin.length);
  const early = init.method === 'GET' ? globalThis.earlyAnswers?.get(path) : undefined;
  if (early === undefined) return fetch(url, init);
  globalThis.earlyAnswers?.delete(path);
  return early;
}
