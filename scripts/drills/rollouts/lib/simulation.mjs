// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from '../../../lib/paths.mjs';

const require = createRequire(import.meta.url);
const ENTRY =
  'plugins/ai-monitoring-backend/src/comparisons/__testUtils__/simulate.ts';

/** The code that counts, analyses and decides, as the control plane has it, with simulated traffic. */
export async function bundleSimulation() {
  const { module, ...bundled } = await bundle(ENTRY);
  return { ...bundled, simulation: module };
}

/**
 * Code of a package as a module that runs here.
 *
 * @param {string} entry - file, from the root of the repository
 */
export async function bundle(entry) {
  // Inside of the repository, so that what is not bundled is found.
  const cache = path.join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'simulation-'));
  const file = path.join(folder, 'simulation.cjs');
  await build({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    outfile: file,
    external: ['knex', 'pg', '@backstage/*'],
    logLevel: 'error',
  });
  return {
    file,
    module: require(file),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
