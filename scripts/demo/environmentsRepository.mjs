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
  const manifests = deployments.map(deployment => ({
    file: `environments/production/models/${deployment.model}.yaml`,
    text: formatManifest(deployment),
    model: deployment.model,
  }));
  return inClone(repository, async clone => {
    const missing = [];
    for (const manifest of manifests) {
      const isThere = await exists(path.join(clone, manifest.file));
      if (!isThere) missing.push(manifest);
    }
    const models = missing.map(({ model }) => model);
    const subject = `Run the first version of ${models.join(' and ')}`;
    await commitAndPush(clone, missing, subject);
    return models;
  });
}

/**
 * Writes manifests, whether they are there or not, in one commit.
 *
 * @param {string} repository - path or URL of the environments repository
 * @param {{ file: string, text: string }[]} manifests - `file` is a path in the repository
 * @param {string} subject - of the commit
 */
export function pushManifests(repository, manifests, subject) {
  return inClone(repository, clone => commitAndPush(clone, manifests, subject));
}

/**
 * @param {string} repository
 * @param {(clone: string) => Promise<T>} work - is done again when somebody else pushed in between
 * @template T
 * @returns {Promise<T>}
 */
async function inClone(repository, work) {
  for (let attempt = 1; ; attempt++) {
    const clone = await mkdtemp(path.join(tmpdir(), 'greenroom-environments-'));
    try {
      await git(clone, 'clone', '--quiet', '--branch', 'main', repository, '.');
      return await work(clone);
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

async function commitAndPush(clone, manifests, subject) {
  if (manifests.length === 0) return;
  for (const { file, text } of manifests) {
    await mkdir(path.dirname(path.join(clone, file)), { recursive: true });
    await writeFile(path.join(clone, file), text);
    await git(clone, 'add', file);
  }
  await git(clone, 'commit', '--quiet', '--message', subject);
  await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
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
