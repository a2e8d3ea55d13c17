// @ts-check
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { step } from './output.mjs';
import { cacheDirectory, root } from './paths.mjs';
import { run } from './run.mjs';
import { yarnPath } from './toolchain.mjs';

/**
 * Installs the packages of the committed lock file, unless exactly these are installed already.
 *
 * @param {{ node: string, env: NodeJS.ProcessEnv }} toolchain
 */
export async function ensureDependencies({ node, env }) {
  const stamp = path.join(cacheDirectory, 'installed');
  const wanted = fingerprint(node);
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (
    installed === wanted &&
    existsSync(path.join(root, 'node_modules/.yarn-state.yml'))
  ) {
    return;
  }
  await step('Installing packages (first time: 1 to 5 minutes)', update =>
    run(node, [yarnPath, 'install', '--immutable'], {
      cwd: root,
      env,
      log: 'install',
      onLine: line => update(line.replace(/^➤ YN\d+: /, '')),
      explain: explainInstallTrouble,
    }),
  );
  mkdirSync(cacheDirectory, { recursive: true });
  writeFileSync(stamp, wanted);
}

function fingerprint(node) {
  const hash = createHash('sha256').update(node);
  const manifests = ['packages', 'plugins'].flatMap(folder =>
    readdirSync(path.join(root, folder))
      .map(name => `${folder}/${name}/package.json`)
      .filter(file => existsSync(path.join(root, file))),
  );
  for (const file of [
    'package.json',
    'yarn.lock',
    '.yarnrc.yml',
    ...manifests.sort(),
  ]) {
    hash.update(file).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

function explainInstallTrouble(output) {
  if (/gyp ERR|not found: make|g\+\+|C\+\+ compiler/i.test(output)) {
    return 'A native package could not be built: install Python 3, make and a C++ compiler (Debian: apt-get install python3 make g++).';
  }
  if (/YN0028/.test(output)) {
    return 'The lock file does not fit the package.json files: run `yarn install` once, and commit yarn.lock.';
  }
  return undefined;
}
