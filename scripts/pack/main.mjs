// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bold, fail, step } from '../lib/output.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { yarnPath } from '../lib/toolchain.mjs';
import { publicPackages, tarballName } from './publicPackages.mjs';

/**
 * Builds every package that is published and packs it as its registry would get it.
 *
 * @param {string} folder - made anew
 */
export async function pack(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const node = (args, options) =>
    run(process.execPath, args, { cwd: root, log: 'pack', ...options });

  await step('Checking the types', () =>
    node(['node_modules/typescript/bin/tsc'], {}),
  );
  await step('Building the packages', () =>
    node([yarnPath, 'backstage-cli', 'repo', 'build'], {}),
  );
  const packages = publicPackages();
  await step(`Packing ${packages.length} packages`, async update => {
    // One after the other: packing changes package.json for a moment.
    for (const { name, directory } of packages) {
      update(name);
      const out = path.join(folder, tarballName(name));
      await node([yarnPath, 'pack', '--out', out], { cwd: directory });
    }
  });
}

if (import.meta.main) {
  const folder = path.resolve(
    process.argv[2] ?? path.join(root, '.cache/pack'),
  );
  pack(folder).then(
    () => console.log(`\n  The tarballs are in ${bold(folder)}.\n`),
    fail,
  );
}
