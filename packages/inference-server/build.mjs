/** Bundles the server into one file, and the program of local models: `node build.mjs [--watch] [--out DIR]`. */
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = name => fileURLToPath(new URL(name, import.meta.url));

const out = process.argv.indexOf('--out');
const outDirectory = out < 0 ? here('dist') : process.argv[out + 1];

const options = {
  entryPoints: {
    main: here('src/main.ts'),
    // In a process of its own, which loads nothing of what it does not need.
    localModel: here('src/localModel/main.ts'),
  },
  outdir: outDirectory,
  outExtension: { '.js': '.cjs' },
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
