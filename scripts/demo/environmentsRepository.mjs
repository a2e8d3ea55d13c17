// @ts-check
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const AUTHOR = ['Greenroom demo', 'demo@users.greenroom.invalid'];
const PUSH_ATTEMPTS = 3;

/**
 * Deploys first versions the way a platform team does by hand: clone the environments
 * repository, add a manifest a model, commit, push. Manifests that exist stay as they are.
 *
 * @param {string} repository - path or URL of the environments repository
 * @param {{ model: string, version: number, digest: string }[]} deployments
 * @returns {Promise<string[]>} models whose manifest was added
 */
export async function pushFirstDeployments(repository, deployments) {
  for (let attempt = 1; ; attempt++) {
    const clone = await mkdtemp(path.join(tmpdir(), 'greenroom-environments-'));
    try {
      return await addManifests(repository, clone, deployments);
    } catch (error) {
      // Somebody else pushed in between: start again from their commit.
      if (attempt === PUSH_ATTEMPTS || !/rejected|stale/.test(error.message)) {
        throw error;
      }
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  }
}

async function addManifests(repository, clone, deployments) {
  await git(clone, 'clone', '--quiet', '--branch', 'main', repository, '.');
  const added = [];
  for (const deployment of deployments) {
    const file = `environments/production/models/${deployment.model}.yaml`;
    const target = path.join(clone, file);
    if (await exists(target)) continue;
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, formatManifest(deployment));
    await git(clone, 'add', file);
    added.push(deployment.model);
  }
  if (added.length > 0) {
    const subject = `Run the first version of ${added.join(' and ')}`;
    await git(clone, 'commit', '--quiet', '--message', subject);
    await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  }
  return added;
}

/**
 * A `ModelDeployment` that takes all traffic at once: nothing ran before.
 *
 * @param {{ model: string, version: number, digest: string }} deployment
 */
export function formatManifest({ model, version, digest }) {
  return `apiVersion: greenroom.dev/v2
kind: ModelDeployment
metadata:
  name: ${model}
  environment: production
spec:
  version: ${version}
  digest: ${digest}
  rollout:
    strategy: immediate
`;
}

async function git(directory, ...args) {
  const settings = {
    // Nothing of the user's own set-up may get in the way.
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: AUTHOR[0],
    GIT_AUTHOR_EMAIL: AUTHOR[1],
    GIT_COMMITTER_NAME: AUTHOR[0],
    GIT_COMMITTER_EMAIL: AUTHOR[1],
  };
  const environment = { ...process.env, ...settings };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) {
    delete environment[name];
  }
  await run('git', args, { cwd: directory, env: environment });
}

async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}
