// @ts-check
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { step, UserError } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';
import { run } from '../../lib/run.mjs';
import { yarnPath } from '../../lib/toolchain.mjs';

/** The one that makes apps of the release in backstage.json. */
const CREATE_APP = '@backstage/create-app@0.9.2';

/** @typedef {'new' | 'old'} FrontendSystem */

/**
 * A Backstage app as `create-app` makes it, of the release that Greenroom is built with, with its
 * packages installed. It is made once for each set of versions and kept outside the clone; each call
 * gives it back as it was made.
 *
 * @param {{ system: FrontendSystem, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} its folder
 */
export async function freshApp({ system, env }) {
  const { version } = readJson(path.join(root, 'backstage.json'));
  const key = createHash('sha256')
    .update(CREATE_APP)
    .update(
      JSON.stringify(readJson(path.join(root, 'package.json')).resolutions),
    )
    .update(process.version)
    .digest('hex')
    .slice(0, 12);
  const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  const cache = path.join(home, 'greenroom/foreign-backstage');
  const folder = path.join(cache, `${version}-${key}`, system, 'app');
  if (!existsSync(folder)) await make(folder, { system, version, env });
  await step('Giving the Backstage app back as it was made', async () => {
    git(folder, 'reset', '--quiet', '--hard', 'made');
    git(folder, 'clean', '--quiet', '--force', '-d');
    rmSync(path.join(folder, 'app-config.local.yaml'), { force: true });
    await install(folder, env);
    forgetPacked(env);
  });
  return folder;
}

async function make(folder, { system, version, env }) {
  const unfinished = `${path.dirname(folder)}-unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const app = path.join(unfinished, 'app');
  const options = ['--skip-install', ...(system === 'old' ? ['--legacy'] : [])];
  await step(`Making a fresh Backstage ${version} app`, async update => {
    await run('npx', ['--yes', CREATE_APP, ...options, '--path', app], {
      log: 'create-app',
      env: { ...env, BACKSTAGE_APP_NAME: 'foreign' },
      input: 'foreign\n',
      onLine: update,
    });
    const made = readJson(path.join(app, 'backstage.json')).version;
    if (made !== version) {
      throw new UserError(
        `${CREATE_APP} makes apps of Backstage ${made}, and backstage.json says ${version}: name the one of that release in scripts/drills/foreign-backstage/freshApp.mjs.`,
      );
    }
    // What create-app fetches as a seed: versions that are known to go together.
    writeFileSync(
      path.join(app, 'yarn.lock'),
      readFileSync(path.join(root, 'yarn.lock')),
    );
    const ours = readJson(path.join(root, 'package.json'));
    const file = path.join(app, 'package.json');
    const manifest = readJson(file);
    manifest.resolutions = { ...ours.resolutions, ...manifest.resolutions };
    manifest.dependenciesMeta = ours.dependenciesMeta;
    writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  });
  await step('Installing its packages (once, 2 to 5 minutes)', () =>
    install(app, env),
  );
  git(app, 'add', '--all');
  git(app, 'commit', '--quiet', '--message', 'As it was made');
  git(app, 'tag', 'made');
  mkdirSync(path.dirname(folder), { recursive: true });
  renameSync(app, folder);
  rmSync(unfinished, { recursive: true });
}

function install(folder, env) {
  return run(process.execPath, [yarnPath, 'install'], {
    cwd: folder,
    env,
    log: 'foreign-install',
  });
}

/** Yarn would take what it has of a version, and the packed ones keep theirs while they change. */
function forgetPacked(env) {
  const config = [yarnPath, 'config', 'get', 'cacheFolder'];
  const cache = execFileSync(process.execPath, config, {
    cwd: root,
    env,
    encoding: 'utf8',
  }).trim();
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    if (name.startsWith('@greenroom-')) rmSync(path.join(cache, name));
  }
}

function git(folder, ...args) {
  const identity = [
    '-c',
    'user.name=drill',
    '-c',
    'user.email=drill@localhost',
  ];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
