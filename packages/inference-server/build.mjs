/** Bundles the server into one file: `node build.mjs [--watch]`. */
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = name => fileURLToPath(new URL(name, import.meta.url));

const options = {
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/main.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  sourcemap: true,
  // A native module cannot be bundled.
  external: ['onnxruntime-node'],
  logLevel: 'warning',
};

if (process.argv.includes('--watch')) {
  const watching = await context(options);
  await watching.watch();
  const stop = async () => {
    await watching.dispose();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // The bundler itself does not keep the process alive.
  setInterval(() => {}, 2 ** 30);
} else {
  await build(options);
}
