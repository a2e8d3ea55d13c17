// @ts-check
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { step } from '../lib/output.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { cacheFolder } from '../lib/cacheFolder.mjs';

const requirements = path.join(root, 'scripts/test/python/requirements.txt');
const mlflowRequirements = path.join(
  root,
  'scripts/test/python/requirements-mlflow.txt',
);
const oldMlflowRequirements = path.join(
  root,
  'scripts/test/python/requirements-mlflow-2.txt',
);

/**
 * A Python with the clients that tests run.
 *
 * @returns {Promise<string | undefined>} the interpreter; undefined where there is no Python 3
 */
export function ensurePython() {
  return ensureEnvironment({ name: 'clients for tests', requirements });
}

/**
 * A Python with MLflow.
 *
 * @returns {Promise<string | undefined>} the interpreter; undefined where there is no Python 3
 */
export function ensureMlflow() {
  return ensureEnvironment({
    name: 'MLflow for tests',
    requirements: mlflowRequirements,
  });
}

/**
 * A Python with the client of MLflow 2, which asks for other things than that of today.
 *
 * @returns {Promise<string | undefined>} the interpreter; undefined where there is no Python 3
 */
export function ensureOldMlflow() {
  return ensureEnvironment({
    name: 'client of MLflow 2 for tests',
    requirements: oldMlflowRequirements,
  });
}

/**
 * Where the converter to ONNX keeps its environments, which its first job makes as in a portal.
 *
 * @returns {string | undefined} a folder; undefined where Python is missing, or too old
 */
export function findConverterPlace() {
  const { status } = spawnSync('python3', [
    '-c',
    'import sys, venv; sys.exit(sys.version_info < (3, 11))',
  ]);
  return status === 0 ? path.join(cacheFolder(), 'converter') : undefined;
}

/**
 * A Python with the packages of a list. Its environment is made once for each change of the list, and kept
 * outside the clone.
 *
 * @param {{ name: string, requirements: string }} options - what the packages are, and the list's file
 * @returns {Promise<string | undefined>} the interpreter; undefined where there is no Python 3
 */
export async function ensureEnvironment({ name, requirements: list }) {
  const found = spawnSync('python3', [
    '-c',
    'import sys, venv; print(sys.version)',
  ]);
  if (found.status !== 0) return undefined;
  const folder = path.join(
    cacheFolder(),
    `python-${versionOf(String(found.stdout), list)}`,
  );
  const python = path.join(folder, 'bin/python');
  const stamp = path.join(folder, 'complete');
  if (existsSync(stamp)) return python;
  await step(`Installing Python ${name} (once)`, async update => {
    // An environment knows its place: it cannot be made elsewhere and moved.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    const options = { log: 'python-clients', onLine: update };
    await run('python3', ['-m', 'venv', folder], options);
    const pip = [python, '-m', 'pip', 'install', '--quiet'];
    // It installs in seconds what takes pip minutes; where it does not find its way, pip does.
    const quicker = [python, '-m', 'uv', 'pip', 'install', '--quiet'];
    await run('nice', [...pip, 'uv==0.13.9'], options);
    await run(
      'nice',
      [...quicker, '--python', python, '--requirement', list],
      options,
    ).catch(() => run('nice', [...pip, '--requirement', list], options));
  });
  writeFileSync(stamp, '');
  return python;
}

/**
 * @param {string} python - what it says of itself
 * @param {string} list
 */
function versionOf(python, list) {
  return createHash('sha256')
    .update(`${process.platform}-${process.arch}-${python}`)
    .update(readFileSync(list))
    .digest('hex')
    .slice(0, 16);
}
