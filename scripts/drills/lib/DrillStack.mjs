// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { waitFor } from '../../demo/ControlPlane.mjs';
import { dataDirectory, logsDirectory } from '../../lib/paths.mjs';
import { buildPortal } from '../../lib/portal.mjs';
import { findFreePort } from '../../lib/ports.mjs';
import { loadSecrets } from '../../lib/secrets.mjs';
import { openDatabase } from '../../stack/database.mjs';
import {
  buildInferenceServer,
  controlPlanePart,
  dataPlanePart,
  loadDemo,
} from '../../stack/parts.mjs';
import { readSettings } from '../../stack/settings.mjs';
import { Portal } from './Portal.mjs';

const READY_SECONDS = 180;

/** One process of the stack, that a drill stops, kills, freezes and starts. */
class Part {
  #launch;
  #isReady;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  process;

  constructor({ name, launch, isReady }) {
    this.name = name;
    this.#launch = launch;
    this.#isReady = isReady;
  }

  /** Starts it without waiting until it works. */
  launch() {
    this.process = this.#launch();
  }

  async start() {
    this.launch();
    await this.untilReady();
  }

  untilReady() {
    return waitFor(
      `${this.name} to be ready`,
      async () => (await this.#isReady()) || undefined,
      { seconds: READY_SECONDS },
    );
  }

  get isAlive() {
    const { process: child } = this;
    return child?.exitCode === null && child.signalCode === null;
  }

  /**
   * Ends it, by default the hard way, and waits until it has ended.
   *
   * @param {NodeJS.Signals} [signal]
   */
  async kill(signal = 'SIGKILL') {
    const { process: child } = this;
    if (!child || !this.isAlive) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/**
 * Everything that `npm start` runs, in a data folder and on ports of its own, each part under the
 * drill's control: `npm start` would start again what a drill has just killed.
 */
export class DrillStack {
  controlPlanes = [];
  dataPlanes = [];
  #portals = new Map();
  #settings;
  #secrets = loadSecrets();
  #database;

  /** @param {{ controlPlanes?: number, dataPlanes?: number }} [options] - how many of each */
  static async start({ controlPlanes = 1, dataPlanes = 1 } = {}) {
    const stack = new DrillStack();
    await buildPortal(process.env);
    await buildInferenceServer();
    await stack.#findPorts();
    await stack.startDatabase();
    for (let index = 0; index < controlPlanes; index++) {
      const part = await stack.#addControlPlane(index);
      // The first one migrates the database alone.
      await part.start();
    }
    for (let index = 0; index < dataPlanes; index++) {
      const part = await stack.#addDataPlane(index);
      part.launch();
    }
    await Promise.all(stack.dataPlanes.map(part => part.untilAlive()));
    await stack.#loadDemo();
    return stack;
  }

  get controlPlane() {
    return this.controlPlanes[0];
  }

  get dataPlane() {
    return this.dataPlanes[0];
  }

  get environmentsRepository() {
    return this.#settings.environmentsRepository;
  }

  /** The portal's API as a person. */
  as(person, { url } = this.controlPlane) {
    const key = `${person} ${url}`;
    if (!this.#portals.has(key)) {
      this.#portals.set(key, new Portal({ url, person }));
    }
    return this.#portals.get(key);
  }

  async startDatabase() {
    this.#database = await openDatabase(this.#settings, this.#secrets);
  }

  /** Process id of the embedded PostgreSQL as it runs now. */
  get databasePid() {
    return this.#database.pid;
  }

  /** Asks the database itself, past the control plane. */
  async query(sql, values) {
    const client = new pg.Client({
      connectionString: this.#database.url,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async stop() {
    for (const part of [...this.dataPlanes, ...this.controlPlanes]) {
      if (part.isAlive) await part.kill('SIGTERM');
    }
    await this.#database?.stop();
  }

  async #findPorts() {
    mkdirSync(logsDirectory, { recursive: true });
    this.#settings = {
      ...readSettings(),
      databasePort: await findFreePort(),
      databaseUrl: undefined,
      demo: true,
    };
  }

  async #addControlPlane(index) {
    const portalPort = await findFreePort();
    const url = `http://localhost:${portalPort}`;
    const settings = { ...this.#settings, portalPort, portalUrl: url };
    const program = controlPlanePart(
      settings,
      this.#secrets,
      this.#database.url,
    );
    const part = new Part({
      name: `control plane ${index + 1}`,
      launch: () => launch(`control-plane-${index + 1}`, program),
      isReady: () => answers(program.healthUrl),
    });
    this.controlPlanes.push(Object.assign(part, { url, port: portalPort }));
    return part;
  }

  async #addDataPlane(index) {
    const dataPlanePort = await findFreePort();
    const dataPlaneAdminPort = await findFreePort();
    const url = `http://localhost:${dataPlanePort}`;
    const { port: portalPort } =
      this.controlPlanes[index % this.controlPlanes.length];
    const settings = {
      ...this.#settings,
      portalPort,
      dataPlanePort,
      dataPlaneAdminPort,
      dataPlaneUrl: url,
    };
    const program = dataPlanePart(settings, this.#secrets);
    program.env.GREENROOM_DATA_DIR = path.join(
      dataDirectory,
      `data-plane-${index + 1}`,
    );
    const part = new Part({
      name: `data plane ${index + 1}`,
      launch: () => launch(`data-plane-${index + 1}`, program),
      isReady: () => answers(`${url}/v2/health/ready`),
    });
    const untilAlive = () =>
      waitFor(
        `${part.name} to answer`,
        async () => (await answers(program.healthUrl)) || undefined,
        { seconds: READY_SECONDS },
      );
    this.dataPlanes.push(Object.assign(part, { url, untilAlive }));
    return this.dataPlanes.at(-1);
  }

  async #loadDemo() {
    const settings = {
      ...this.#settings,
      portalPort: this.controlPlane.port,
      dataPlanePort: new URL(this.dataPlane.url).port,
    };
    await loadDemo(settings, this.#secrets);
    await sleep(500);
  }
}

/**
 * @param {string} name
 * @param {import('../../stack/parts.mjs').Part} part
 */
function launch(name, { command, args, cwd, env }) {
  const log = openSync(path.join(logsDirectory, `${name}.log`), 'a');
  return spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
