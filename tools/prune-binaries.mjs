// Removes the native binaries of other platforms that onnxruntime-node carries, four fifths of its 300 MB, and what the
// package `node` unpacked its binary from, another 68 MB. npm never misses them: it looks at versions, and a new version
// brings all of its files again. An install without this step works
// as well, it is only larger. Plain JavaScript, because it belongs to the install.

import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Leaves one platform's binaries in `PACKAGE/bin/napi-vN/PLATFORM/ARCH`, and of `node` the binary that it runs by. Where
 * these are not, nothing is touched.
 * @param {string} modules path of node_modules
 * @param {{ platform: string, arch: string }} machine as `process` names them
 * @returns {string[]} the removed folders, relative to `modules`
 */
export function pruneBinaries(modules, { platform, arch }) {
  const removed = [];
  const bin = join('onnxruntime-node', 'bin');
  for (const abi of listFolders(join(modules, bin))) {
    if (!/^napi-v\d+$/.test(abi)) continue;
    const home = join(bin, abi);
    const own = join(modules, home, platform, arch);
    if (!readFolder(own).some((entry) => entry.name.endsWith('.node'))) continue;
    const foreign = [
      ...listFolders(join(modules, home))
        .filter((name) => name !== platform)
        .map((name) => join(home, name)),
      ...listFolders(join(modules, home, platform))
        .filter((name) => name !== arch)
        .map((name) => join(home, platform, name)),
    ];
    for (const folder of foreign) {
      rmSync(join(modules, folder), { recursive: true, force: true });
      removed.push(folder);
    }
  }
  const unpacked = join('node', 'node_modules', `node-${platform}-${arch}`);
  const binary = join(modules, 'node', 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (sizeOf(binary) > 1_000_000 && readFolder(join(modules, unpacked)).length > 0) {
    rmSync(join(modules, unpacked), { recursive: true, force: true });
    removed.push(unpacked);
  }
  return removed;
}

function sizeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function listFolders(path) {
  return readFolder(path)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function readFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
