// @ts-check
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../../lib/paths.mjs';

const PACKAGE = path.join(root, 'packages/inference-server');

/** What a data plane alone does takes seconds; what takes longer never ends. */
const MOST_MILLIS = 60_000;

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
      [KEY],
    );
    const [{ port }] = await once(child, 'message');
    return new SmallControlPlane(child, `http://127.0.0.1:${port}`);
  }

  async publish(models) {
    this.#child.send({ models });
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
  const until = async (
    /** @type {string} */ what,
    /** @type {() => unknown} */ look,
  ) => {
    const giveUpAt = performance.now() + MOST_MILLIS;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (child.exitCode !== null || performance.now() > giveUpAt) {
        child.kill('SIGKILL');
        throw new Error(`The data plane is not ${what}. Its log:\n${log}`);
      }
      await sleep(20);
    }
  };
  const find = (/** @type {RegExp} */ pattern) =>
    until('listening', () => pattern.exec(log)?.[1]);
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
    /** @param {string} model */
    untilReady: model =>
      until(
        `ready for '${model}'`,
        async () => (await get(`/v2/models/${model}/ready`)).ok,
      ),
    async stop() {
      const hasEnded = () => child.exitCode !== null || child.signalCode;
      if (hasEnded()) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), MOST_MILLIS);
      await ended;
      clearTimeout(late);
      if (child.signalCode === 'SIGKILL') {
        throw new Error(`The data plane did not stop. Its log:\n${log}`);
      }
    },
  };
}
