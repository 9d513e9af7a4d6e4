// A process of its own, so that it can be stopped with everything that it started.
import { compileNativeBuild } from './native-build.ts';

await compileNativeBuild();
