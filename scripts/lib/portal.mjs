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

const output = path.join(root, 'packages/app/dist');

/**
 * Builds the browser bundle, unless it was built from exactly these sources.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} configFiles - names of files in the top folder, the later ones on top
 */
export async function buildPortal(env, configFiles) {
  const stamp = path.join(cacheDirectory, 'portal-built');
  const sources = fingerprint(configFiles);
  if (
    existsSync(path.join(output, 'index.html')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === sources
  ) {
    return;
  }
  // All of them are named: without any the bundler reads app-config.local.yaml by itself.
  const config = configFiles.flatMap(file => ['--config', `../../${file}`]);
  await step('Building the portal (one to two minutes)', update =>
    run(process.execPath, [yarnPath, 'workspace', 'app', 'build', ...config], {
      cwd: root,
      // The bundler shares a small machine with whatever else runs.
      env: { ...env, NODE_OPTIONS: '--max-old-space-size=4096' },
      log: 'portal-build',
      onLine: update,
    }),
  );
  mkdirSync(cacheDirectory, { recursive: true });
  writeFileSync(stamp, sources);
}

/** Content hash of all that ends up in the bundle. */
function fingerprint(configFiles) {
  const hash = createHash('sha256');
  const add = file =>
    hash.update(path.relative(root, file)).update(readFileSync(file));
  for (const file of ['yarn.lock', ...configFiles]) add(path.join(root, file));
  for (const folder of browserPackages()) {
    for (const entry of readdirSync(folder, {
      recursive: true,
      withFileTypes: true,
    })) {
      const file = path.join(entry.parentPath, entry.name);
      if (
        entry.isFile() &&
        !/node_modules|[\\/]dist[\\/]|\.test\.tsx?$/.test(file)
      )
        add(file);
    }
  }
  return hash.digest('hex');
}

const BROWSER_ROLES = [
  'frontend',
  'frontend-plugin',
  'frontend-plugin-module',
  'web-library',
  'common-library',
];

function browserPackages() {
  return ['packages', 'plugins']
    .flatMap(folder =>
      readdirSync(path.join(root, folder)).map(name =>
        path.join(root, folder, name),
      ),
    )
    .filter(folder => {
      const manifest = path.join(folder, 'package.json');
      return (
        existsSync(manifest) &&
        BROWSER_ROLES.includes(
          JSON.parse(readFileSync(manifest, 'utf8')).backstage?.role,
        )
      );
    })
    .sort();
}
