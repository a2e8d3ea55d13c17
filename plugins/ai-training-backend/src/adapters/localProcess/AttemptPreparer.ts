import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { programVariables } from '../../backends/program';
import { readQuantity } from '../../backends/quantity';
import type { WantedAttempt } from '../../backends/TrainingBackend';
import { attemptEnvironment } from './attemptEnvironment';
import { AttemptFolder, type AttemptOrder } from './AttemptFolder';
import { chooseProcessors, readProcessorList } from './chooseProcessors';
import type { LocalPlaces } from './LocalPlaces';
import { fillFolder, openCheckpoints, readLockFile } from './prepareAttempt';
import { identityOf, isThere } from './processIdentity';
import { PythonEnvironments } from './PythonEnvironments';
import { removeFolder } from './removeFolder';

const MOST_PYTHON_ENVIRONMENTS = 8;
/** With the first one: what is kept of what a program writes, however long it goes on. */
const LOG_BOUNDS = { partBytes: 1024 * 1024, keptParts: 9 };

export interface AttemptPreparerOptions {
  artifacts: Pick<ArtifactStore, 'open' | 'withLocalFile'>;
  /** How many programs run at once. */
  slots: number;
  /** Of a program that says nothing of its memory; undefined is all there is. */
  memoryBytes?: number;
  /** Command of the Python that environments are made with. */
  python: string;
  /** How long programs go on without a control plane. */
  awaySeconds: number;
  surroundings: Record<string, string | undefined>;
  logger: Pick<LoggerService, 'info' | 'warn'>;
}

/** Makes the folder of an attempt: beside its place, and moved there when all of it is there. */
export class AttemptPreparer {
  readonly #options: AttemptPreparerOptions;
  readonly #places: LocalPlaces;
  readonly #python: PythonEnvironments;

  constructor(options: AttemptPreparerOptions & { places: LocalPlaces }) {
    const { places } = options;
    this.#options = options;
    this.#places = places;
    this.#python = new PythonEnvironments({
      ...options,
      directory: places.python,
      mostKept: MOST_PYTHON_ENVIRONMENTS,
      inUse: async () => {
        const orders = await places.ordersOfRunning();
        return new Set(
          orders.flatMap(({ pythonEnvironment: used }) => (used ? [used] : [])),
        );
      },
    });
  }

  /**
   * @param options.command - with the values of parameters in it
   * @param options.onStep - told what is done now, for people
   * @throws PreparationError, DiskFullError
   */
  async prepare(
    wanted: WantedAttempt,
    options: {
      command: string[];
      signal: AbortSignal;
      onStep(what: string): void;
    },
  ): Promise<void> {
    const { command, signal, onStep } = options;
    const { artifacts } = this.#options;
    const name = AttemptFolder.nameOf(wanted);
    const incoming = new AttemptFolder(await this.#incomingPath(name));
    try {
      await mkdir(incoming.path, { mode: 0o700 });
      await fillFolder(incoming, { wanted, artifacts, signal, onStep });
      const { pythonLock } = wanted.program;
      const pythonEnvironment =
        pythonLock === undefined
          ? undefined
          : await this.#python.ensure(
              await readLockFile(incoming, pythonLock),
              { file: pythonLock, onStep, signal },
            );
      const checkpoints = wanted.checkpoints
        ? await openCheckpoints(this.#places.checkpoints, wanted)
        : undefined;
      const folder = this.#places.folderOf(name);
      const order = await this.#orderOf(wanted, {
        command,
        folder,
        checkpoints,
        pythonEnvironment,
      });
      await mkdir(order.environment.HOME, { recursive: true, mode: 0o700 });
      await incoming.writeOrder(order);
      signal.throwIfAborted();
      // Another control plane of this folder may have been quicker: it wanted the same.
      await rename(incoming.path, folder.path).catch(ifThere);
    } finally {
      await removeFolder(incoming.path, this.#places);
    }
  }

  /** Removes what processes were preparing that have died. */
  async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.#places.incoming)) {
      const [, pid, identity = ''] = name.split('~');
      const owner = {
        pid: Number(pid),
        identity: decodeURIComponent(identity),
      };
      if (await isThere(owner)) continue;
      await removeFolder(join(this.#places.incoming, name), this.#places).catch(
        error =>
          this.#options.logger.warn(
            `What was left of ${name} stays: ${toError(error).message}`,
          ),
      );
    }
  }

  /** Ends what is being made. */
  async close(): Promise<void> {
    await this.#python.close();
  }

  async #incomingPath(name: string): Promise<string> {
    const me = encodeURIComponent((await identityOf(process.pid)) ?? '');
    return join(
      this.#places.incoming,
      [name, process.pid, me, randomUUID()].join('~'),
    );
  }

  async #orderOf(
    wanted: WantedAttempt,
    options: {
      command: string[];
      /** Where it will lie. */
      folder: AttemptFolder;
      checkpoints: string | undefined;
      pythonEnvironment: string | undefined;
    },
  ): Promise<AttemptOrder> {
    const { command, folder, checkpoints, pythonEnvironment } = options;
    const { slots, surroundings, awaySeconds, memoryBytes } = this.#options;
    const { memory, cpu } = wanted.resources;
    const cores = cpu === undefined ? undefined : readQuantity(cpu);
    const share = Math.floor(availableParallelism() / slots);
    return {
      marker: AttemptFolder.nameOf(wanted),
      command,
      environment: attemptEnvironment({
        surroundings,
        home: this.#places.homeOf(wanted.team),
        temporary: join(folder.path, 'tmp'),
        pythonEnvironment,
        threads: Math.max(1, Math.ceil(cores ?? share)),
        variables: programVariables(wanted, {
          datasetFolder: name => folder.datasetFolder(name),
          checkpoints,
          tokenFile: folder.tokenFile,
        }),
      }),
      deadlineSeconds: wanted.deadlineSeconds,
      memoryLimitBytes:
        memory === undefined ? memoryBytes : readQuantity(memory),
      processors:
        cores === undefined ? undefined : await this.#processorsFor(cores),
      aliveFile: this.#places.aliveFile,
      awaySeconds,
      log: LOG_BOUNDS,
      pythonEnvironment,
    };
  }

  async #processorsFor(cores: number): Promise<number[] | undefined> {
    let status: string;
    try {
      status = await readFile('/proc/self/status', 'utf8');
    } catch {
      // This system does not tell.
      return undefined;
    }
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
    const orders = await this.#places.ordersOfRunning();
    return chooseProcessors(
      cores,
      readProcessorList(list),
      orders.map(({ processors = [] }) => processors),
    );
  }
}

function ifThere(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(Object(error).code)) throw error;
}
