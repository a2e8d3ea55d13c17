import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PACKAGE = dirname(require.resolve('../../package.json'));

/** Bundles the program of worker threads, as it is shipped. */
export function buildWorkerProgram(): { program: string; remove(): void } {
  // Within the package, where the program finds what is not bundled.
  const dist = join(PACKAGE, 'dist');
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, 'test-'));
  const build = join(PACKAGE, 'build.mjs');
  const options = ['--out', folder, '--only', 'modelWorker'];
  execFileSync(process.execPath, [build, ...options]);
  return {
    program: join(folder, 'modelWorker.cjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
