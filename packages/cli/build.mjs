/** Bundles the command into one file without dependencies: `node build.mjs [--out FILE]`. */
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = name => fileURLToPath(new URL(name, import.meta.url));

const out = process.argv.indexOf('--out');

const { metafile } = await build({
  entryPoints: [here('src/main.ts')],
  outfile: out < 0 ? here('dist/main.cjs') : process.argv[out + 1],
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  metafile: true,
  logLevel: 'warning',
});

const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ path, external }) => external && !isBuiltin(path));
if (missing.length > 0) {
  throw new Error(
    `The program would need modules: ${missing.map(({ path }) => path)}`,
  );
}
