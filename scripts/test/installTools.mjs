// @ts-check
import path from 'node:path';
import { root } from '../lib/paths.mjs';
import { ensureGoProgram } from './goProgram.mjs';

/**
 * The program that installs charts.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export function ensureHelm() {
  return ensureGoProgram({
    name: 'helm',
    sources: path.join(root, 'scripts/test/helm'),
    command: 'helm.sh/helm/v4/cmd/helm',
    title: 'Building Helm for tests (once: 2 to 8 minutes)',
  });
}

/**
 * The program that reads files of Docker Compose as its client does, and says what is wrong.
 *
 * @returns {Promise<string | undefined>} undefined where there is no Go to build it with
 */
export function ensureCompose() {
  return ensureGoProgram({
    name: 'compose',
    sources: path.join(root, 'scripts/test/compose'),
    command: '.',
    title: 'Building the reader of Docker Compose for tests (once: 20 seconds)',
  });
}
