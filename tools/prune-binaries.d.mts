export function pruneBinaries(
  modules: string,
  machine: { readonly platform: string; readonly arch: string },
): readonly string[];
