// @ts-check
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';

const GATEWAY_API = 'sigs.k8s.io/gateway-api@v1.6.3';
/** As `kueue/go.mod` names it. */
export const KUEUE = 'sigs.k8s.io/kueue@v0.17.0';
const FETCH_MILLIS = 120_000;

/**
 * Folder of the kinds of Gateway API, as they are installed in clusters.
 *
 * @returns {string | undefined} undefined where there is no Go to fetch it with
 */
export function ensureGatewayApi() {
  return folderOf(GATEWAY_API, 'config/crd/standard');
}

/**
 * Folder of the kinds of Kueue, as they are installed in clusters.
 *
 * @returns {string | undefined} undefined where there is no Go to fetch it with
 */
export function ensureKueue() {
  return folderOf(KUEUE, 'config/components/crd/bases');
}

/**
 * @param {string} module - with its version
 * @param {string} folder - within it
 */
function folderOf(module, folder) {
  const whole = moduleFolder(module);
  return whole && path.join(whole, folder);
}

/**
 * The files of a Go module, which Go keeps.
 *
 * @param {string} module - with its version
 * @returns {string | undefined} undefined where there is no Go to fetch it with
 */
export function moduleFolder(module) {
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['mod', 'download', '-json', module],
    {
      encoding: 'utf8',
      // Outside of every module.
      cwd: tmpdir(),
      timeout: FETCH_MILLIS,
    },
  );
  if (status !== 0) {
    throw new Error(`go cannot fetch ${module}: ${stderr || stdout}`);
  }
  return JSON.parse(stdout).Dir;
}
