// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

const require = createRequire(import.meta.url);

/**
 * Starts packages/github-stand-in in this process, for drills and benchmarks.
 *
 * @param {string} directory - empty folder for the repository
 * @param {{ description?: string }} [options] - path of GitHub's description of its API; without it, nothing is held against it
 * @returns `github`, which is to be stopped, and `integration`, for `integrations.github` of the portal
 */
export async function startGitHub(directory, { description } = {}) {
  const cache = path.join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'github-stand-in-'));
  try {
    const outfile = path.join(folder, 'standIn.cjs');
    await build({
      entryPoints: [path.join(root, 'packages/github-stand-in/src/index.ts')],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node22',
      outfile,
      logLevel: 'error',
    });
    return await require(outfile).startStandIn({ directory, description });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
