import { describe, expect, it } from 'vitest';
import { PromptPacer } from './prompt-pacer.ts';

describe('PromptPacer', () => {
  it('begins with one block and settles at what fits into the target', () => {
    const pacer = new PromptPacer(80, 512);
    expect(pacer.allowance).toBe(16);
    for (let step = 0; step < 20; step++) pacer.observe(pacer.allowance, pacer.allowance * 0.5);
    expect(pacer.allowance).toBe(160);
  });

  it('never asks for more than a batch holds nor for less than a block', () => {
    const pacer = new PromptPacer(80, 70);
    pacer.observe(64, 1);
    expect(pacer.allowance).toBe(64);
    for (let step = 0; step < 40; step++) pacer.observe(16, 4000);
    expect(pacer.allowance).toBe(16);
  });

  it('learns nothing from the short rest of a prompt', () => {
    const pacer = new PromptPacer(80, 512);
    pacer.observe(16, 20);
    pacer.observe(1, 60);
    expect(pacer.allowance).toBe(64);
  });
});
