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
import { bundleConfigFiles } from '../../stack/environment.mjs';
import {
  buildInferenceServer,
  controlPlanePart,
  dataPlanePart,
  loadDemo,
} from '../../stack/parts.mjs';
import { readSettings } from '../../stack/settings.mjs';
import { ClusterStage } from '../kubernetes/ClusterStage.mjs';
import { startOnGitHub } from '../github/startOnGitHub.mjs';
import { environmentsWithEndpoint } from '../rollouts/lib/Endpoint.mjs';
import { TrainingStage } from '../training/TrainingStage.mjs';
import { Portal } from './Portal.mjs';

const READY_SECONDS = 180;

/** One process of the stack, that a drill stops, kills, freezes and starts. */
class Part {
  #launch;
  #isReady;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  process;
  /** Variables that it is started with from now on, beside its own. @type {Record<string, string>} */
  variables = {};

  constructor({ name, launch, isReady }) {
    this.name = name;
    this.#launch = launch;
    this.#isReady = isReady;
  }

  /** Starts it without waiting until it works. */
  launch() {
    this.process = this.#launch(this.variables);
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
  /** Where the drill's endpoint has to listen, if it has one. */
  endpointPort;
  /**
   * The stand-in for GitHub, where the environments repository is there.
   *
   * @type {any}
   */
  github;
  /**
   * The cluster that runs the data planes, where one does.
   *
   * @type {import('../kubernetes/ClusterStage.mjs').ClusterStage | undefined}
   */
  cluster;
  /**
   * The cluster that trains, where one does.
   *
   * @type {TrainingStage | undefined}
   */
  training;
  #portals = new Map();
  #settings;
  #secrets = loadSecrets();
  #database;

  /**
   * @param {object} [options]
   * @param {number} [options.controlPlanes] - how many
   * @param {number} [options.dataPlanes]
   * @param {boolean} [options.endpoint] - whether production has connections to an endpoint, which the drill starts
   * @param {boolean} [options.github] - whether promotions are pull requests on GitHub
   * @param {boolean} [options.kubernetes] - whether a cluster runs the data planes, and no other
   * @param {string[]} [options.trainingTemplates] - paths of training templates that are registered
   * @param {boolean} [options.training] - whether a cluster trains; there are no data planes then
   * @param {boolean} [options.simulatedGpus] - whether it has nodes with GPUs, which run nothing
   * @param {boolean} [options.smoke] - whether it is to be small
   * @param {boolean} [options.demo] - whether the demo's models are there
   */
  static async start({
    controlPlanes = 1,
    dataPlanes = 1,
    endpoint,
    github,
    kubernetes,
    trainingTemplates,
    training,
    simulatedGpus = false,
    smoke = false,
    demo = true,
  } = {}) {
    const stack = new DrillStack();
    if (github) stack.github = await startOnGitHub();
    if (kubernetes) stack.cluster = await ClusterStage.start();
    if (training) {
      stack.training = await TrainingStage.start({
        smoke,
        gpus: simulatedGpus,
      });
    }
    if (endpoint) {
      stack.endpointPort = await findFreePort();
      process.env.APP_CONFIG_greenroom_environments = environmentsWithEndpoint(
        stack.endpointPort,
      );
    }
    if (trainingTemplates) {
      process.env.APP_CONFIG_aiTraining_templates = JSON.stringify(
        trainingTemplates.map(file => ({ file })),
      );
      process.env.APP_CONFIG_aiTraining_local_slots = '2';
    }
    await buildPortal(process.env, bundleConfigFiles({ ownConfig: false }));
    await buildInferenceServer();
    await stack.#findPorts();
    await stack.startDatabase();
    for (let index = 0; index < controlPlanes; index++) {
      const part = await stack.addControlPlane();
      // The first one migrates the database alone.
      await part.start();
    }
    if (stack.github) {
      stack.github.webhooks.url = `${stack.controlPlane.url}/api/ai-registry/git-host/webhook`;
    }
    for (
      let index = 0;
      index < (kubernetes || training ? 0 : dataPlanes);
      index++
    ) {
      const part = await stack.#addDataPlane(index);
      part.launch();
    }
    await Promise.all(stack.dataPlanes.map(part => part.untilAlive()));
    if (demo) await stack.#loadDemo();
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
    await this.cluster?.stop();
    await this.training?.stop();
    await this.#database?.stop();
    await this.github?.stop();
  }

  async #findPorts() {
    mkdirSync(logsDirectory, { recursive: true });
    this.#settings = {
      ...readSettings(),
      ownConfig: false,
      databasePort: await findFreePort(),
      databaseUrl: undefined,
      demo: true,
    };
  }

  /**
   * Another control plane, that is to be started.
   *
   * @param {{ ownCopy?: boolean }} [options] - whether its copy of the environments repository is its own
   */
  async addControlPlane({ ownCopy = false } = {}) {
    const index = this.controlPlanes.length;
    const portalPort = await findFreePort();
    const url = `http://localhost:${portalPort}`;
    const settings = {
      ...this.#settings,
      portalPort,
      portalUrl: url,
      ...(ownCopy && {
        environmentsRepository: path.join(
          dataDirectory,
          `copy-${index + 1}.git`,
        ),
      }),
    };
    const program = controlPlanePart(
      settings,
      this.#secrets,
      this.#database.url,
    );
    const part = new Part({
      name: `control plane ${index + 1}`,
      launch: variables =>
        launch(`control-plane-${index + 1}`, {
          ...program,
          env: {
            ...program.env,
            ...this.training?.variablesFor(url),
            ...variables,
          },
        }),
      isReady: () => answers(program.healthUrl),
    });
    this.controlPlanes.push(Object.assign(part, { url, port: portalPort }));
    return this.controlPlanes[index];
  }

  async #addDataPlane(index) {
    const dataPlanePort = await findFreePort();
    const dataPlaneAdminPort = await findFreePort();
    const dataPlaneGrpcPort = await findFreePort();
    const url = `http://localhost:${dataPlanePort}`;
    const { port: portalPort } =
      this.controlPlanes[index % this.controlPlanes.length];
    const settings = {
      ...this.#settings,
      portalPort,
      dataPlanePort,
      dataPlaneAdminPort,
      dataPlaneGrpcPort,
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
