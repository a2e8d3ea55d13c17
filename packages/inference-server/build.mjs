/** Bundles the server into one file, and the programs of local models and of worker threads: `node build.mjs [--watch] [--out DIR] [--only NAME]`. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = name => fileURLToPath(new URL(name, import.meta.url));

const out = process.argv.indexOf('--out');
const outDirectory = out < 0 ? here('dist') : process.argv[out + 1];

const programs = {
  main: here('src/main.ts'),
  // In a process of its own, which loads nothing of what it does not need.
  localModel: here('src/localModel/main.ts'),
  // In threads of its own.
  modelWorker: here('src/runners/workers/main.ts'),
};
/** An old Node would end at something that it does not know; in syntax that it knows. */
const OLDEST_NODE = 22;
const checkNode = `'use strict';
if (Number(process.versions.node.split('.')[0]) < ${OLDEST_NODE}) {
  process.stderr.write('The data plane needs Node ${OLDEST_NODE} or newer, and this is Node ' + process.versions.node + ': install a newer one.\\n');
  process.exit(78);
}`;

const only = process.argv.indexOf('--only');
const one = process.argv[only + 1];

const options = {
  entryPoints: only < 0 ? programs : { [one]: programs[one] },
  outdir: outDirectory,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  banner: { js: checkNode },
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
  const { outputFiles } = await build({ ...options, write: false });
  await mkdir(outDirectory, { recursive: true });
  // A program that is begun while it is bundled again is the old one or the new one: half of one, or an empty one, would end
  // as if all were well.
  for (const { path, contents } of outputFiles) {
    const beside = `${path}.${process.pid}.new`;
    await writeFile(beside, contents);
    await rename(beside, path);
  }
}
