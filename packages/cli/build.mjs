/** Bundles the command into one file without dependencies. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = name => fileURLToPath(new URL(name, import.meta.url));

await build({
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/main.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  logLevel: 'warning',
});
