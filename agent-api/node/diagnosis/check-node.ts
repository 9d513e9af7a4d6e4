import type { Check } from './finding.ts';

/** Runs TypeScript without a flag, and has `node:sqlite`. */
const oldestMajor = 24;

export const checkNode: Check = async () => {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) >= oldestMajor) return [{ status: 'ok', message: `Node ${node}.` }];
  const fix = "Run 'npm install', which brings Node 26, and start through npm or npx.";
  return [{ status: 'fail', message: `Node ${node} is older than ${oldestMajor}.`, fix }];
};
