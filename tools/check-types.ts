import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { findBinary, root } from './run-binary.ts';

/**
 * Type-checks every `tsconfig.json` (a folder with its tests, as editors see it) and every `tsconfig.layer.json` (the
 * code of a layer with nothing but what that layer may see). What several projects find is printed once.
 * @returns whether all is well
 */
export function checkTypes(folder = root): boolean {
  const findings = new Set<string>();
  for (const project of listTypeProjects(folder)) {
    const { stdout, status } = spawnSync(process.execPath, [findBinary('tsc'), '-p', project, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) findings.add(stdout.trim() || `tsc ended with ${status} for ${project}`);
  }
  const lines = new Set([...findings].flatMap((text) => text.split('\n')));
  for (const line of lines) process.stdout.write(`${line}\n`);
  return lines.size === 0;
}

/** The paths of all TypeScript projects, from `folder`. */
export function listTypeProjects(folder: string): readonly string[] {
  return globSync(['tsconfig{,.layer}.json', '{agent-api,cli,packages/*,web-portal}/tsconfig{,.layer}.json'], {
    cwd: folder,
  }).sort();
}
