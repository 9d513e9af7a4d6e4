export function joinModules(modules: string): Promise<readonly string[]>;
