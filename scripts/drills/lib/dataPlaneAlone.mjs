// @ts-check
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../../lib/paths.mjs';

const PACKAGE = path.join(root, 'packages/inference-server');

/** What may call each model of a {@link SmallControlPlane}. */
export const KEY = 'gr_drill';

/** @returns a folder with the data plane's programs, which whoever asked removes. */
export function buildPrograms() {
  // Within the package, where the program finds what is not bundled.
  mkdirSync(path.join(PACKAGE, 'dist'), { recursive: true });
  const programs = mkdtempSync(path.join(PACKAGE, 'dist/drill-'));
  const build = path.join(PACKAGE, 'build.mjs');
  execFileSync(process.execPath, [build, '--out', programs]);
  return programs;
}

/** As much of a control plane as a data plane needs, without a database. */
export class SmallControlPlane {
  #child;

  constructor(child, url) {
    this.#child = child;
    this.url = url;
  }

  static async start() {
    const child = fork(
      fileURLToPath(new URL('smallControlPlane.mjs', import.meta.url)),
    );
    const [{ port }] = await once(child, 'message');
    return new SmallControlPlane(child, `http://127.0.0.1:${port}`);
  }

  async publish(models) {
    this.#child.send({ key: KEY, models });
    await once(this.#child, 'message');
  }

  stop() {
    this.#child.kill('SIGKILL');
  }
}

/**
 * @param {string} programs - see {@link buildPrograms}
 * @param {{ data: string, controlPlaneUrl: string, environment?: Record<string, string> }} options
 */
export async function startDataPlane(programs, options) {
  const { data, controlPlaneUrl, environment = {} } = options;
  const child = spawn(process.execPath, [path.join(programs, 'main.cjs')], {
    env: {
      PATH: process.env.PATH,
      GREENROOM_CONTROL_PLANE_URL: controlPlaneUrl,
      GREENROOM_CONTROL_PLANE_TOKEN: 'a-token-of-the-drill',
      GREENROOM_DATA_DIR: data,
      GREENROOM_PORT: '0',
      GREENROOM_ADMIN_PORT: '0',
      GREENROOM_LAME_DUCK_SECONDS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', chunk => {
    log += chunk;
  });
  const find = async (/** @type {RegExp} */ pattern) => {
    for (;;) {
      const found = pattern.exec(log)?.[1];
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`it did not start: ${log}`);
      await sleep(20);
    }
  };
  const url = await find(/"url":"([^"]+)"/);
  const adminUrl = await find(/"adminUrl":"([^"]+)"/);
  const get = where =>
    fetch(`${url}${where}`, { headers: { authorization: `Bearer ${KEY}` } });
  return {
    url,
    adminUrl,
    get,
    get log() {
      return log;
    },
    async untilReady(model) {
      while (!(await get(`/v2/models/${model}/ready`)).ok) await sleep(50);
    },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
