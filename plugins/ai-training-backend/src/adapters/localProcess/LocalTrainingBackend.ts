import {
  type LoggerService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { toError } from '@backstage/errors';
import type {
  AttemptEnd,
  StartReason,
} from '@greenroom/plugin-ai-training-common';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { fillCommand, programVariables } from '../../backends/program';
import { readQuantity } from '../../backends/quantity';
import {
  type AttemptId,
  AttemptRefusedError,
  BackendAwayError,
  type LogPart,
  type ObservedAttempt,
  type TrainingBackend,
  type WantedAttempt,
} from '../../backends/TrainingBackend';
import { attemptEnvironment } from './attemptEnvironment';
import { AttemptFolder, type AttemptOrder } from './AttemptFolder';
import { chooseProcessors, readProcessorList } from './chooseProcessors';
import {
  DiskFullError,
  fillFolder,
  openCheckpoints,
  readLockFile,
} from './prepareAttempt';
import { PreparationError } from './PreparationError';
import { identityOf, isThere } from './processIdentity';
import { PythonEnvironments } from './PythonEnvironments';
import { readAttemptLog } from './readAttemptLog';
import { emptyTrash, removeFolder } from './removeFolder';

const PACKAGE_NAME = '@greenroom/plugin-ai-training-backend';
/** The only flavor that this machine has. */
export const LOCAL_FLAVOR = 'local';

const ALIVE_EACH_MILLIS = 2_000;
/** From its start until what watches over a program has said that it is there. */
const RUNNER_START_MILLIS = 30_000;
const MOST_COMPLAINT_CHARACTERS = 500;
const MEND_AGAIN_MILLIS = 10_000;
const MOST_PYTHON_ENVIRONMENTS = 8;
const LOG_BOUNDS = { partBytes: 1024 * 1024, keptParts: 9 };
/** What watches over a program needs little: it passes bytes on. */
const RUNNER_OPTIONS = ['--max-old-space-size=64', '--max-semi-space-size=2'];

export interface LocalTrainingBackendOptions {
  /** Absolute path of the folder that all of it lies in. */
  directory: string;
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
  logBounds?: AttemptOrder['log'];
}

/** What this process knows of an attempt that no file tells. */
interface Preparing {
  reason: StartReason;
  stopping: AbortController;
  done: Promise<void>;
}

/**
 * Runs attempts as programs of this machine. Each has a folder, and a small program that watches over it
 * (`workers/attempt/main.js`); all that is known lies in files, so that a control plane that is started again finds
 * it. While none is there programs go on for some time, and are ended then.
 */
export class LocalTrainingBackend implements TrainingBackend {
  readonly name = 'local';
  readonly #options: LocalTrainingBackendOptions;
  readonly #python: PythonEnvironments;
  /** By the name of the attempt's folder. */
  readonly #preparing = new Map<string, Preparing>();
  /** Those of which nothing could be written. */
  readonly #unwritten = new Map<string, AttemptEnd>();
  /** When a watching program was started for them, by this process's clock. */
  readonly #launchedMillis = new Map<string, number>();
  #aliveMillis = -Infinity;
  #opened: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: LocalTrainingBackendOptions) {
    this.#options = options;
    this.#python = new PythonEnvironments({
      ...options,
      directory: this.#path('python'),
      mostKept: MOST_PYTHON_ENVIRONMENTS,
      inUse: () => this.#pythonInUse(),
    });
  }

  async capacity(): Promise<Map<string, number | undefined>> {
    return new Map([[LOCAL_FLAVOR, this.#options.slots]]);
  }

  problemWith({
    program,
    resources,
  }: Pick<WantedAttempt, 'program' | 'resources'>): string | undefined {
    const { flavor, count, nodes } = resources;
    if (program.command.length === 0) return 'The command is empty';
    if (nodes > 1) {
      return `It wants ${nodes} nodes, and this machine is one: choose a cluster, or nodes: 1`;
    }
    if (flavor !== undefined && flavor !== LOCAL_FLAVOR) {
      return `It wants the flavor ${flavor}, and this machine has only ${LOCAL_FLAVOR}`;
    }
    if (count > this.#options.slots) {
      return `It wants ${count} places, and this machine has ${
        this.#options.slots
      } (aiTraining.local.slots)`;
    }
    return (
      problemWithAmount('memory', resources.memory, totalmem()) ??
      problemWithAmount('cpu', resources.cpu, availableParallelism())
    );
  }

  async start(wanted: WantedAttempt, token: string): Promise<void> {
    const name = nameOf(wanted);
    const problem = this.problemWith(wanted);
    if (problem) throw new AttemptRefusedError(problem);
    const command = fillCommand(wanted.program.command, wanted.parameters);
    await this.#open();
    if (this.#isClosed) throw new BackendAwayError('The control plane stops');
    if (this.#preparing.has(name) || this.#unwritten.has(name)) return;
    const stopping = new AbortController();
    const preparing: Preparing = {
      reason: { kind: 'creating' },
      stopping,
      done: Promise.resolve(),
    };
    this.#preparing.set(name, preparing);
    preparing.done = this.#begin(wanted, { token, command, preparing })
      .catch(error => this.#tellFailed(name, error, stopping.signal))
      .finally(() => this.#preparing.delete(name));
  }

  async stop(
    id: AttemptId,
    { graceSeconds }: { graceSeconds: number },
  ): Promise<void> {
    const name = nameOf(id);
    this.#preparing.get(name)?.stopping.abort(new StoppedError());
    const folder = this.#folderOf(name);
    if (await readOr(folder.result(), undefined)) return;
    await folder.writeStop(graceSeconds).catch(ifMissing);
  }

  async observe(): Promise<ObservedAttempt[]> {
    await this.#open();
    await this.#sayAlive();
    const names = await readdir(this.#path('attempts')).catch(error => {
      throw new BackendAwayError(
        `The folder of attempts cannot be read: ${toError(error).message}`,
        error,
      );
    });
    const every = new Set([
      ...names,
      ...this.#preparing.keys(),
      ...this.#unwritten.keys(),
    ]);
    const observed = await Promise.all(
      [...every].map(async name => {
        const id = AttemptFolder.idOf(name);
        const state = id && (await this.#stateOf(name));
        return state ? [{ ...id, state }] : [];
      }),
    );
    return observed.flat();
  }

  async readLog(
    id: AttemptId,
    options: { fromByte: number; mostBytes: number },
  ): Promise<LogPart> {
    const folder = this.#folderOf(nameOf(id));
    // Asked before: with a result there is nothing more to come.
    const isOver =
      this.#unwritten.has(nameOf(id)) ||
      (await readOr(folder.result(), undefined)) !== undefined;
    const { bytes, fromByte, totalBytes } = await readAttemptLog(
      folder.log,
      options,
    );
    return {
      bytes,
      fromByte,
      isEnd: isOver && fromByte + bytes.length >= totalBytes,
    };
  }

  async release(id: AttemptId): Promise<void> {
    const name = nameOf(id);
    const wasWritten = !this.#unwritten.delete(name);
    this.#launchedMillis.delete(name);
    const folder = this.#folderOf(name);
    // What still runs is not taken its files away.
    const hasEnded = (await readOr(folder.result(), 'damaged')) !== undefined;
    if (wasWritten && !hasEnded) return;
    await removeFolder(folder.path, { trash: this.#path('trash') });
  }

  async forget(job: string): Promise<void> {
    nameOf({ job, number: 1 });
    await removeFolder(join(this.#path('checkpoints'), job), {
      trash: this.#path('trash'),
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const preparing = [...this.#preparing.values()];
    preparing.forEach(({ stopping }) => stopping.abort(new ClosedError()));
    await this.#python.close();
    await Promise.all(preparing.map(({ done }) => done));
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }

  #folderOf(name: string): AttemptFolder {
    return new AttemptFolder(join(this.#path('attempts'), name));
  }

  /** Makes the folders, and removes what processes left that died. */
  async #open(): Promise<void> {
    this.#opened ??= this.#openOnce().catch(error => {
      this.#opened = undefined;
      throw new BackendAwayError(
        `${this.#options.directory} cannot be used: ${toError(error).message}`,
        error,
      );
    });
    await this.#opened;
  }

  async #openOnce(): Promise<void> {
    for (const name of ['attempts', 'incoming', 'checkpoints', 'homes']) {
      await mkdir(this.#path(name), { recursive: true, mode: 0o700 });
    }
    await this.#sayAlive();
    await emptyTrash(this.#path('trash'));
    for (const name of await readdir(this.#path('incoming'))) {
      const [, pid, identity] = name.split('~');
      const owner = {
        pid: Number(pid),
        identity: decodeURIComponent(identity),
      };
      if (await isThere(owner)) continue;
      await removeFolder(join(this.#path('incoming'), name), {
        trash: this.#path('trash'),
      });
    }
  }

  /** Programs go on while somebody says so. */
  async #sayAlive(): Promise<void> {
    const nowMillis = performance.now();
    if (nowMillis - this.#aliveMillis < ALIVE_EACH_MILLIS) return;
    this.#aliveMillis = nowMillis;
    const now = new Date();
    await utimes(this.#path('alive'), now, now).catch(() =>
      // With a full disk there may be none, and the programs end in time.
      writeFile(this.#path('alive'), '').catch(() => {}),
    );
  }

  async #begin(
    wanted: WantedAttempt,
    options: { token: string; command: string[]; preparing: Preparing },
  ): Promise<void> {
    const { token, preparing } = options;
    const name = nameOf(wanted);
    const folder = this.#folderOf(name);
    if (await readOr(folder.result(), 'damaged')) return;
    if ((await readOr(folder.order(), undefined)) === undefined) {
      await this.#prepare(wanted, { ...options, folder });
    }
    const isWatched = (await readOr(folder.runner(), undefined)) !== undefined;
    if (isWatched || this.#wasJustLaunched(name)) return;
    await folder.writeToken(token);
    preparing.stopping.signal.throwIfAborted();
    this.#launch(name);
  }

  /** Makes the folder beside its place, and moves it there when all of it is there. */
  async #prepare(
    wanted: WantedAttempt,
    options: {
      command: string[];
      preparing: Preparing;
      folder: AttemptFolder;
    },
  ): Promise<void> {
    const { command, preparing, folder } = options;
    const { signal } = preparing.stopping;
    const onStep = (what: string) => {
      preparing.reason = { kind: 'preparing', what };
    };
    const me = encodeURIComponent((await identityOf(process.pid)) ?? '');
    const incoming = new AttemptFolder(
      join(this.#path('incoming'), `${nameOf(wanted)}~${process.pid}~${me}`),
    );
    try {
      await rm(incoming.path, { recursive: true, force: true });
      await mkdir(incoming.path, { mode: 0o700 });
      const { artifacts } = this.#options;
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
        ? await openCheckpoints(this.#path('checkpoints'), wanted)
        : undefined;
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
      await removeFolder(incoming.path, { trash: this.#path('trash') });
    }
  }

  async #orderOf(
    wanted: WantedAttempt,
    options: {
      command: string[];
      folder: AttemptFolder;
      checkpoints: string | undefined;
      pythonEnvironment: string | undefined;
    },
  ): Promise<AttemptOrder> {
    const { command, folder, checkpoints, pythonEnvironment } = options;
    const { slots, surroundings, awaySeconds, logBounds } = this.#options;
    const { memory, cpu } = wanted.resources;
    const cores = cpu === undefined ? undefined : readQuantity(cpu);
    const share = Math.floor(availableParallelism() / slots) || 1;
    return {
      marker: `${nameOf(wanted)}`,
      command,
      environment: attemptEnvironment({
        surroundings,
        home: join(this.#path('homes'), encodeURIComponent(wanted.team)),
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
        memory === undefined ? this.#options.memoryBytes : readQuantity(memory),
      processors:
        cores === undefined ? undefined : await this.#processorsFor(cores),
      aliveFile: this.#path('alive'),
      awaySeconds,
      log: logBounds ?? LOG_BOUNDS,
      pythonEnvironment,
    };
  }

  async #processorsFor(cores: number): Promise<number[] | undefined> {
    try {
      const status = await readFile('/proc/self/status', 'utf8');
      const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
      const orders = await this.#ordersOfRunning();
      return chooseProcessors(
        cores,
        readProcessorList(list),
        orders.map(({ processors = [] }) => processors),
      );
    } catch {
      // This system does not tell.
      return undefined;
    }
  }

  async #pythonInUse(): Promise<Set<string>> {
    const orders = await this.#ordersOfRunning();
    return new Set(
      orders.flatMap(({ pythonEnvironment: used }) => (used ? [used] : [])),
    );
  }

  async #ordersOfRunning(): Promise<AttemptOrder[]> {
    const orders = await Promise.all(
      (
        await readdir(this.#path('attempts'))
      ).map(async name => {
        const folder = this.#folderOf(name);
        if (await readOr(folder.result(), undefined)) return [];
        const order = await readOr(folder.order(), undefined);
        return order ? [order] : [];
      }),
    );
    return orders.flat();
  }

  #wasJustLaunched(name: string): boolean {
    const atMillis = this.#launchedMillis.get(name) ?? -Infinity;
    return performance.now() - atMillis < RUNNER_START_MILLIS;
  }

  /** It goes on when this process ends. */
  #launch(name: string): void {
    this.#launchedMillis.set(name, performance.now());
    const program = resolvePackagePath(PACKAGE_NAME, 'workers/attempt/main.js');
    const folder = this.#folderOf(name).path;
    // Mostly empty: it is read where it does not even come to its first file.
    const complaints = openSync(join(folder, 'runner.log'), 'a', 0o600);
    try {
      const child = spawn(
        process.execPath,
        [...RUNNER_OPTIONS, program, folder],
        {
          cwd: folder,
          // Nothing of ours; what the program gets is in its order.
          env: { PATH: this.#options.surroundings.PATH ?? '/usr/bin:/bin' },
          detached: true,
          stdio: ['ignore', 'ignore', complaints],
        },
      );
      child.once('error', error => this.#tellUnwatched(name, error.message));
      child.once('exit', code => {
        if (code === 0) this.#launchedMillis.delete(name);
        else this.#tellUnwatched(name, `it ended with exit code ${code}`);
      });
      child.unref();
    } finally {
      closeSync(complaints);
    }
  }

  /** It did not come to watching; one that did, and ended, is found by looking. */
  async #tellUnwatched(name: string, why: string): Promise<void> {
    const folder = this.#folderOf(name);
    this.#launchedMillis.delete(name);
    if (await readOr(folder.runner(), 'damaged')) return;
    const file = join(folder.path, 'runner.log');
    const said = await readOr(readFile(file, 'utf8'), '');
    const error = new PreparationError(
      `What watches over its program could not be started: ${why} ${said.slice(
        -MOST_COMPLAINT_CHARACTERS,
      )}`.trim(),
    );
    await this.#tellFailed(name, error, new AbortController().signal);
  }

  async #stateOf(name: string): Promise<ObservedAttempt['state'] | undefined> {
    const unwritten = this.#unwritten.get(name);
    if (unwritten) return { phase: 'ended', end: unwritten };
    const preparing = this.#preparing.get(name);
    try {
      const state = await this.#stateInFolder(name);
      if (state || !preparing) return state;
    } catch (error) {
      if (!preparing) return { phase: 'ended', end: damaged(error) };
    }
    return { phase: 'starting', reason: preparing.reason };
  }

  async #stateInFolder(
    name: string,
  ): Promise<ObservedAttempt['state'] | undefined> {
    const folder = this.#folderOf(name);
    const result = await folder.result();
    if (result) return { phase: 'ended', ...result };
    const runner = await folder.runner();
    if (!runner) {
      // Whoever made it has ended before it began: nobody has it until it is started again.
      return this.#wasJustLaunched(name)
        ? { phase: 'starting', reason: { kind: 'creating' } }
        : undefined;
    }
    const status = await folder.status();
    if (!(await isThere(runner))) {
      // It may have ended in this very moment.
      const after = await folder.result();
      if (after) return { phase: 'ended', ...after };
      this.#mend(name);
    }
    return status
      ? { phase: 'running', ...pickStatus(status) }
      : { phase: 'starting', reason: { kind: 'creating' } };
  }

  /** Nobody watches over it any more: another one ends what is left of the program, and says so. */
  #mend(name: string): void {
    const atMillis = this.#launchedMillis.get(name) ?? -Infinity;
    if (performance.now() - atMillis < MEND_AGAIN_MILLIS) return;
    this.#options.logger.warn(
      `What watched over the attempt ${name} has ended: its program is ended, too`,
    );
    this.#launch(name);
  }

  async #tellFailed(
    name: string,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const { logger } = this.#options;
    const reason = signal.aborted ? signal.reason : error;
    // Whoever comes next begins it anew.
    if (reason instanceof ClosedError) return;
    const end = endOf(reason);
    if (!(reason instanceof StoppedError)) {
      logger.warn(
        `The attempt ${name} did not begin: ${toError(reason).message}`,
      );
    }
    try {
      const folder = this.#folderOf(name);
      await mkdir(folder.path, { recursive: true, mode: 0o700 });
      await folder.writeResult({ end });
      await rm(folder.tokenFile, { force: true });
    } catch {
      // On a full disk even this has no room.
      this.#unwritten.set(name, end);
    }
  }
}

class StoppedError extends Error {}
class ClosedError extends Error {}

function endOf(error: unknown): AttemptEnd {
  if (error instanceof StoppedError) {
    return {
      kind: 'not-started',
      message: 'It was stopped before its program began',
    };
  }
  if (error instanceof DiskFullError) {
    return { kind: 'disk-full', message: error.message };
  }
  return {
    kind: 'not-started',
    message:
      error instanceof PreparationError
        ? error.message
        : `It could not be prepared: ${toError(error).message}`,
  };
}

function damaged(error: unknown): AttemptEnd {
  return {
    kind: 'lost',
    message: `What is left of it cannot be read: ${toError(error).message}`,
  };
}

/** @throws AttemptRefusedError for an id that could name another folder */
function nameOf(id: AttemptId): string {
  const name = AttemptFolder.nameOf(id);
  if (AttemptFolder.idOf(name)) return name;
  throw new AttemptRefusedError(
    `'${id.job}' is no id of a job: expected letters, digits and hyphens, at most 64`,
  );
}

function problemWithAmount(
  what: 'memory' | 'cpu',
  text: string | undefined,
  most: number,
): string | undefined {
  if (text === undefined) return undefined;
  const amount = readQuantity(text);
  if (amount === undefined || amount <= 0) {
    return `${what} is '${text}': expected an amount such as ${
      what === 'cpu' ? '2 or 500m' : '2Gi or 512Mi'
    }`;
  }
  return amount <= most
    ? undefined
    : `It wants ${what}: ${text}, and this machine has ${most}`;
}

function pickStatus({
  startedAt,
  usage,
}: NonNullable<Awaited<ReturnType<AttemptFolder['status']>>>) {
  return { startedAt, usage };
}

async function readOr<T, F>(found: Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await found;
  } catch {
    return fallback;
  }
}

function ifThere(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(Object(error).code)) throw error;
}

function ifMissing(error: unknown): void {
  if (Object(error).code !== 'ENOENT') throw error;
}
