// @ts-check
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MODULE = 'sigs.k8s.io/gateway-api@v1.6.3';
const FETCH_MILLIS = 120_000;

/**
 * Folder of the kinds of Gateway API, as they are installed in clusters. They come as files of a Go module, which Go keeps.
 *
 * @returns {string | undefined} undefined where there is no Go to fetch it with
 */
export function ensureGatewayApi() {
  if (spawnSync('go', ['version']).status !== 0) return undefined;
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['mod', 'download', '-json', MODULE],
    {
      encoding: 'utf8',
      // Outside of every module.
      cwd: tmpdir(),
      timeout: FETCH_MILLIS,
    },
  );
  if (status !== 0) {
    throw new Error(`go cannot fetch ${MODULE}: ${stderr || stdout}`);
  }
  return path.join(JSON.parse(stdout).Dir, 'config/crd/standard');
}
