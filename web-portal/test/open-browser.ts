import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

/** @throws Error when the machine has no Chromium */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Chromium is not here. Install it: apt-get install chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
