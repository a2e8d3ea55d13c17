import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  AttemptEnd,
  StartReason,
} from '@greenroom/plugin-ai-training-common';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { fillCommand } from '../../backends/program';
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
import { AttemptFolder, type AttemptResult } from './AttemptFolder';
import {
  AttemptPreparer,
  type AttemptPreparerOptions,
} from './AttemptPreparer';
import { LocalPlaces } from './LocalPlaces';
import { PreparationError } from './PreparationError';
import { DiskFullError } from './prepareAttempt';
import { isThere } from './processIdentity';
import { readAttemptLog } from './readAttemptLog';
import { emptyTrash, removeFolder } from './removeFolder';
import { Runners } from './Runners';

/** The only flavor that this machine has. */
const LOCAL_FLAVOR = 'local';

const ALIVE_EACH_MILLIS = 2_000;

export interface LocalTrainingBackendOptions extends AttemptPreparerOptions {
  /** Absolute path of the folder that all of it lies in. */
  directory: string;
  logger: Pick<LoggerService, 'info' | 'warn'>;
}

/** What this process knows of an attempt that no file tells. */
interface Preparing {
  reason: StartReason;
  stopping: AbortController;
  done: Promise<void>;
}

class StoppedError extends Error {}
class ClosedError extends Error {}

/**
 * Runs attempts as programs of this machine. Each has a folder, and a small program that watches over it
 * (`workers/attempt/main.js`); all that is known lies in files, so that a control plane that is started again finds
 * it. While none is there programs go on for some time, and are ended then.
 */
export class LocalTrainingBackend implements TrainingBackend {
  readonly name = 'local';
  readonly defaultFlavor = LOCAL_FLAVOR;
  readonly #options: LocalTrainingBackendOptions;
  readonly #places: LocalPlaces;
  readonly #preparer: AttemptPreparer;
  readonly #runners: Runners;
  /** By the name of the attempt's folder. */
  readonly #preparing = new Map<string, Preparing>();
  /** Those of which nothing could be written. */
  readonly #unwritten = new Map<string, AttemptEnd>();
  #aliveMillis = -Infinity;
  #opened: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: LocalTrainingBackendOptions) {
    const places = new LocalPlaces(options.directory);
    this.#options = options;
    this.#places = places;
    this.#preparer = new AttemptPreparer({ ...options, places });
    this.#runners = new Runners({
      places,
      path: options.surroundings.PATH ?? '/usr/bin:/bin',
      onFailed: (name, message) =>
        this.#tellFailed(name, new PreparationError(message)),
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
      return `resources.nodes: it wants ${nodes} nodes, and this machine is one: choose a cluster, or nodes: 1`;
    }
    if (flavor !== undefined && flavor !== LOCAL_FLAVOR) {
      return `resources.flavor: it wants ${flavor}, and this machine has only ${LOCAL_FLAVOR}: leave it out, or choose a cluster`;
    }
    if (count > this.#options.slots) {
      return `resources.count: it wants ${count} places, and this machine has ${
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
    const folder = this.#places.folderOf(name);
    if (await readOr(folder.result(), undefined)) return;
    await folder.writeStop(graceSeconds).catch(ifMissing);
  }

  async observe(): Promise<ObservedAttempt[]> {
    await this.#open();
    await this.#sayAlive();
    const names = await readdir(this.#places.attempts).catch(error => {
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
    const folder = this.#places.folderOf(nameOf(id));
    // Asked before: with a result there is nothing more to come.
    const isHere = this.#preparing.has(nameOf(id)) || existsSync(folder.path);
    const isOver =
      !isHere ||
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
    this.#runners.forget(name);
    const folder = this.#places.folderOf(name);
    // What still runs is not taken its files away.
    const hasEnded = (await readOr(folder.result(), 'damaged')) !== undefined;
    if (wasWritten && !hasEnded) return;
    await removeFolder(folder.path, this.#places);
  }

  async forget(job: string): Promise<void> {
    nameOf({ job, number: 1 });
    await removeFolder(join(this.#places.checkpoints, job), this.#places);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const preparing = [...this.#preparing.values()];
    preparing.forEach(({ stopping }) => stopping.abort(new ClosedError()));
    await this.#preparer.close();
    await Promise.all(preparing.map(({ done }) => done));
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
    const { attempts, incoming, checkpoints, homes, trash } = this.#places;
    for (const folder of [attempts, incoming, checkpoints, homes]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    await this.#sayAlive();
    await emptyTrash(trash, error =>
      this.#options.logger.warn(
        `What was to be removed of training stays: ${toError(error).message}`,
      ),
    );
    await this.#preparer.removeLeftovers();
  }

  /** Programs go on while somebody says so. */
  async #sayAlive(): Promise<void> {
    const nowMillis = performance.now();
    if (nowMillis - this.#aliveMillis < ALIVE_EACH_MILLIS) return;
    this.#aliveMillis = nowMillis;
    const now = new Date();
    await utimes(this.#places.aliveFile, now, now).catch(() =>
      // With a full disk there may be none, and the programs end in time.
      writeFile(this.#places.aliveFile, '').catch(() => {}),
    );
  }

  async #begin(
    wanted: WantedAttempt,
    options: { token: string; command: string[]; preparing: Preparing },
  ): Promise<void> {
    const { token, command, preparing } = options;
    const { signal } = preparing.stopping;
    const name = nameOf(wanted);
    const folder = this.#places.folderOf(name);
    if (await readOr(folder.result(), 'damaged')) return;
    if (!(await readOr(folder.order(), undefined))) {
      await this.#preparer.prepare(wanted, {
        command,
        signal,
        onStep: what => {
          preparing.reason = { kind: 'preparing', what };
        },
      });
    }
    const isWatched = await readOr(folder.runner(), 'damaged');
    if (isWatched || this.#runners.isStarting(name)) return;
    await folder.writeToken(token);
    signal.throwIfAborted();
    this.#runners.launch(name);
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
    const folder = this.#places.folderOf(name);
    const result = await folder.result();
    if (result) return toEnded(result);
    const runner = await folder.runner();
    if (!runner) {
      // Whoever made it has ended before it began: nobody has it until it is started again.
      return this.#runners.isStarting(name)
        ? { phase: 'starting', reason: { kind: 'creating' } }
        : undefined;
    }
    const status = await folder.status();
    if (!(await isThere(runner))) {
      // It may have ended in this very moment.
      const after = await folder.result();
      if (after) return toEnded(after);
      if (this.#runners.mend(name)) {
        this.#options.logger.warn(
          `What watched over the attempt ${name} has ended: its program is ended, too`,
        );
      }
    }
    if (!status) return { phase: 'starting', reason: { kind: 'creating' } };
    const { startedAt, usage } = status;
    return { phase: 'running', startedAt, usage };
  }

  async #tellFailed(
    name: string,
    error: unknown,
    signal?: AbortSignal,
  ): Promise<void> {
    const { logger } = this.#options;
    const reason = signal?.aborted ? signal.reason : error;
    // Whoever comes next begins it anew.
    if (reason instanceof ClosedError) return;
    const end = endOf(reason);
    if (!(reason instanceof StoppedError)) {
      logger.warn(
        `The attempt ${name} did not begin: ${toError(reason).message}`,
      );
    }
    try {
      const folder = this.#places.folderOf(name);
      await mkdir(folder.path, { recursive: true, mode: 0o700 });
      await folder.writeResult({ end });
      await rm(folder.tokenFile, { force: true });
    } catch {
      // On a full disk even this has no room.
      this.#unwritten.set(name, end);
    }
  }
}

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
    return `resources.${what}: '${text}' is none: expected an amount such as ${
      what === 'cpu' ? '2 or 500m' : '2Gi or 512Mi'
    }`;
  }
  return amount <= most
    ? undefined
    : `resources.${what}: it wants ${text}, and this machine has ${most}`;
}

function toEnded({ end, startedAt }: AttemptResult): ObservedAttempt['state'] {
  return { phase: 'ended', end, startedAt };
}

async function readOr<T, F>(found: Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await found;
  } catch {
    return fallback;
  }
}

function ifMissing(error: unknown): void {
  if (Object(error).code !== 'ENOENT') throw error;
}
