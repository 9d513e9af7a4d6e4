import { describe, expect, it } from 'vitest';
import { PromptPacer } from './prompt-pacer.ts';

describe('PromptPacer', () => {
  it('begins with the least that is worth a step and settles at what fits into the target', () => {
    const pacer = new PromptPacer(80, 512);
    expect(pacer.allowance).toBe(48);
    for (let step = 0; step < 20; step++) pacer.observe(pacer.allowance, pacer.allowance * 0.5);
    expect(pacer.allowance).toBe(160);
    for (let step = 0; step < 40; step++) pacer.observe(pacer.allowance, 4000);
    expect(pacer.allowance).toBe(48);
  });

  it('never asks for more than a batch holds', () => {
    const pacer = new PromptPacer(80, 70);
    pacer.observe(64, 1);
    expect(pacer.allowance).toBe(64);
    expect(new PromptPacer(80, 20).allowance).toBe(16);
  });

  it('learns nothing from the short rest of a prompt', () => {
    const pacer = new PromptPacer(80, 512);
    pacer.observe(16, 10);
    pacer.observe(1, 60);
    expect(pacer.allowance).toBe(128);
  });
});
