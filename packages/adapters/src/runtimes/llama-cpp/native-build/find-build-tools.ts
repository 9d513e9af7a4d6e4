import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

interface BuildTool {
  /** Any of these programs will do. */
  readonly programs: readonly string[];
  /** The package of Debian and Ubuntu that brings it. */
  readonly debianPackage: string;
}

const tools: readonly BuildTool[] = [
  { programs: ['cmake'], debianPackage: 'cmake' },
  { programs: ['c++', 'g++', 'clang++'], debianPackage: 'g++' },
  { programs: ['ninja', 'make'], debianPackage: 'make' },
  { programs: ['git'], debianPackage: 'git' },
];

/**
 * Looks for what compiling llama.cpp needs.
 * @param path the environment's `PATH`
 * @throws ScarmonitError `unsupported` that names what is missing and how to get it
 */
export function requireBuildTools(platform: NodeJS.Platform, path: string): void {
  // Its compiler is found through the registry, not through PATH.
  const needed = platform === 'win32' ? tools.filter(({ programs }) => programs.includes('cmake')) : tools;
  const missing = needed.filter(({ programs }) => !programs.some((name) => isOnPath(name, platform, path)));
  if (missing.length === 0) return;
  const names = missing.map(({ programs }) => programs[0]).join(', ');
  throw new ScarmonitError(
    'unsupported',
    `Compiling needs programs that are not here: ${names}. ${remedies[platform] ?? onDebian(missing)}`,
  );
}

const remedies: Partial<Readonly<Record<NodeJS.Platform, string>>> = {
  darwin: "Run 'xcode-select --install' and 'brew install cmake'.",
  win32: "Install CMake and 'Desktop development with C++' of Visual Studio.",
};

function onDebian(missing: readonly BuildTool[]): string {
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  return `On Debian and Ubuntu: apt-get install ${packages}`;
}

function isOnPath(program: string, platform: NodeJS.Platform, path: string): boolean {
  const file = platform === 'win32' ? `${program}.exe` : program;
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
