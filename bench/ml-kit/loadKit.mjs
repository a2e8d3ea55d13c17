// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** packages/ml-kit, bundled as in production. */
export async function loadKit() {
  const folder = await mkdtemp(join(tmpdir(), 'ml-kit-bench-'));
  const outfile = join(folder, 'kit.mjs');
  await build({
    entryPoints: [join(root, 'packages/ml-kit/src/index.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outfile,
  });
  const kit = await import(pathToFileURL(outfile).href);
  await rm(folder, { recursive: true });
  return kit;
}
