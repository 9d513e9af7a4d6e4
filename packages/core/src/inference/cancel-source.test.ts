import { describe, expect, it } from 'vitest';
import { CancelSource, toAbortSignal } from './cancel-source.ts';

describe('a cancel source', () => {
  it('calls each listener once, with the first reason', () => {
    const source = new CancelSource();
    const heard: unknown[] = [];
    source.addEventListener('abort', () => heard.push(source.reason));
    source.abort('first');
    source.abort('second');
    expect(heard).toEqual(['first']);
    expect(source).toMatchObject({ aborted: true, reason: 'first' });
  });

  it('does not call a listener that was removed, also by one before it', () => {
    const source = new CancelSource();
    const heard: string[] = [];
    const last = (): unknown => heard.push('last');
    const second = (): unknown => heard.push('second');
    source.addEventListener('abort', () => {
      heard.push('first');
      source.removeEventListener('abort', second);
    });
    source.addEventListener('abort', second);
    source.addEventListener('abort', last);
    source.removeEventListener('abort', () => undefined);
    source.abort('left');
    expect(heard).toEqual(['first', 'last']);
  });

  it('becomes an AbortSignal for what needs one, before and after it is aborted', () => {
    const source = new CancelSource();
    const before = toAbortSignal(source);
    expect(before.aborted).toBe(false);
    source.abort('left');
    expect(before).toMatchObject({ aborted: true, reason: 'left' });
    expect(toAbortSignal(source)).toMatchObject({ aborted: true, reason: 'left' });
  });
});
