import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

export const DATA_PLANE = join(
  __dirname,
  '../../../../../../packages/inference-server',
);

/**
 * The data plane's program, within its package, where it finds what is not bundled.
 *
 * @returns its folder, in which main.cjs lies
 */
export function buildDataPlane(): string {
  mkdirSync(join(DATA_PLANE, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(DATA_PLANE, 'dist/kubernetes-'));
  const build = join(DATA_PLANE, 'build.mjs');
  execFileSync(process.execPath, [build, '--out', folder]);
  return folder;
}
