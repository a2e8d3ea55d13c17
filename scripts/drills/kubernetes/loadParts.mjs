// @ts-check
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../lib/paths.mjs';

/**
 * The cluster of the tests, which is written in TypeScript.
 *
 * @returns {Promise<any>}
 */
export async function loadParts() {
  const cache = path.join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'drill-kubernetes-'));
  try {
    const outfile = path.join(folder, 'parts.mjs');
    await build({
      entryPoints: [path.join(root, 'scripts/drills/kubernetes/parts.ts')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      packages: 'external',
      alias: {
        '@greenroom/certificates/testing': path.join(
          root,
          'packages/certificates/src/testing.ts',
        ),
      },
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
