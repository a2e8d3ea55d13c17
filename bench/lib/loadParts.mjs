// @ts-check
import { build } from 'esbuild';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/lib/paths.mjs';

/**
 * The product's TypeScript, built beside where it finds its packages.
 *
 * @param {string} entry - path of the file in the repository
 * @returns {Promise<any>}
 */
export async function loadParts(entry) {
  const folder = path.join(root, 'node_modules/.cache/bench');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${randomUUID()}.cjs`);
  await build({
    entryPoints: [path.join(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    // Packages of this repository are TypeScript, too.
    alias: {},
    plugins: [
      {
        name: 'workspace',
        setup(context) {
          context.onResolve(
            { filter: /^@greenroom\// },
            async ({ path: name }) => ({
              path: workspaceFile(name),
            }),
          );
        },
      },
    ],
    logLevel: 'warning',
  });
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file);
  }
}

function workspaceFile(name) {
  const [, short, ...sub] = name.split('/');
  const folder = short.startsWith('plugin-')
    ? path.join('plugins', short.slice('plugin-'.length))
    : path.join('packages', short);
  return path.join(root, folder, 'src', `${sub.join('/') || 'index'}.ts`);
}
