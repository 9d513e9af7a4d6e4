import { existsSync } from 'node:fs';

/** Where Debian and others put Chromium. */
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium of this machine; `CHROMIUM` names another. */
export function findChromium(): string | undefined {
  return [process.env['CHROMIUM'] ?? '', ...usual].find((path) => path !== '' && existsSync(path));
}
