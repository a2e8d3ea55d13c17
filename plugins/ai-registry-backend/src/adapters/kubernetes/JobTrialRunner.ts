import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { IssuedTokens } from '@greenroom/ai-node';
import { type ClusterClient, ClusterError } from '@greenroom/cluster-client';
import { aiModelReadPermission } from '@greenroom/plugin-ai-registry-common';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  endedBy,
  exceeded,
  readTrialOutput,
} from '../../trials/readTrialOutput';
import {
  type TrialModel,
  type TrialRequest,
  type TrialResult,
  type TrialRunner,
  TrialUnavailableError,
} from '../../trials/TrialRunner';
import { decideTrial, isLoading, type TrialProgress } from './decideTrial';
import {
  FETCH_CONTAINER,
  podSelectorOf,
  TRIAL_CONTAINER,
  trialJob,
  type TrialPlace,
  trialSecret,
  type WantedTrial,
} from './trialObjects';

const LOOK_MILLIS = 500;
/** A cluster that does not answer for so long is given up. */
const AWAY_MILLIS = 60_000;
/** For the Job itself, after all that it waits for. */
const SPARE_MILLIS = 60_000;
const SECOND_MILLIS = 1_000;
const MEBIBYTE = 1024 ** 2;
/** A Secret has a MiB, and the token and its names are in it, too. */
const MAX_ORDER_BYTES = 700 * 1024;
/** Most rows are much smaller when they are packed, and never larger; the list of files has the rest. */
const MAX_ROWS_CHARACTERS = 512 * 1024;
/** Warnings of the runtime may come after the result, which is a line of its own. */
const RESULT_LINES = 50;
const MAX_RESULT_BYTES = 16 * MEBIBYTE;
const COMPLAINT_LINES = 3;
const MAX_COMPLAINT_BYTES = 16 * 1024;
/** What shells and container runtimes add to the number of the signal that has ended a process. */
const SIGNAL_OFFSET = 128;

const GONE = 'somebody has removed it';

const pack = promisify(gzip);

export interface JobTrialRunnerOptions {
  client: ClusterClient;
  place: TrialPlace;
  installation: string;
  tokens: Pick<IssuedTokens, 'lend' | 'takeBack'>;
  /** Where pods reach the control plane, where their settings do not say. */
  controlPlaneUrl(): Promise<string>;
  timeoutMillis: number;
  maxMemoryBytes: number;
  logger: LoggerService;
}

/**
 * Tries versions as Jobs of a cluster: on the kind of machine that serves them, and with no memory and no processor of
 * the control plane.
 */
export class JobTrialRunner implements TrialRunner {
  readonly maxRowsCharacters = MAX_ROWS_CHARACTERS;
  readonly #options: JobTrialRunnerOptions;

  constructor(options: JobTrialRunnerOptions) {
    this.#options = options;
  }

  async run(request: TrialRequest, signal: AbortSignal): Promise<TrialResult> {
    signal.throwIfAborted();
    const order = await packOrder(request);
    const wanted = await this.#describe(request.model);
    try {
      await this.#start(wanted, { model: request.model.name, order });
      const progress = await this.#untilDecided(wanted, signal);
      return await this.#read(wanted, progress);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClusterError)) throw error;
      throw new TrialUnavailableError(
        `The trial could not be run as a Job: ${error.message}`,
        error,
      );
    } finally {
      await this.#clear(wanted);
    }
  }

  async #describe({ files }: TrialModel): Promise<WantedTrial> {
    const { place, installation, timeoutMillis, maxMemoryBytes } =
      this.#options;
    return {
      name: `greenroom-trial-${randomBytes(5).toString('hex')}`,
      installation,
      place,
      controlPlaneUrl:
        place.controlPlaneUrl ?? (await this.#options.controlPlaneUrl()),
      maxMemoryBytes,
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
      deadlineSeconds: Math.ceil(
        (place.startTimeoutMillis + timeoutMillis + SPARE_MILLIS) /
          SECOND_MILLIS,
      ),
    };
  }

  /** The Secret comes after the Job, which takes it along when it goes; the pod waits for it. */
  async #start(
    wanted: WantedTrial,
    { model, order }: { model: string; order: Buffer },
  ): Promise<void> {
    const { client, tokens } = this.#options;
    const job = await client.apply(trialJob(wanted), { force: true });
    const { secret: token } = await tokens.lend({
      name: tokenNameOf(wanted),
      scopes: [{ permission: aiModelReadPermission.name, on: [`*/${model}`] }],
      lifetimeMillis: wanted.deadlineSeconds * SECOND_MILLIS,
    });
    const jobUid = job.metadata?.uid ?? '';
    await client.apply(trialSecret(wanted, { jobUid, order, token }), {
      force: true,
    });
  }

  async #untilDecided(
    wanted: WantedTrial,
    signal: AbortSignal,
  ): Promise<TrialProgress> {
    const { place, timeoutMillis } = this.#options;
    const startedMillis = Date.now();
    let heardMillis = startedMillis;
    let loadingSinceMillis: number | undefined;
    for (;;) {
      await sleep(LOOK_MILLIS, undefined, { signal });
      try {
        const seen = await this.#look(wanted);
        heardMillis = Date.now();
        if (isLoading(seen.pod)) loadingSinceMillis ??= heardMillis;
        const progress = decideTrial({
          ...seen,
          nowMillis: heardMillis,
          startedMillis,
          loadingSinceMillis,
          startTimeoutMillis: place.startTimeoutMillis,
          timeoutMillis,
        });
        if (progress.state !== 'waiting') return progress;
      } catch (error) {
        // The Job goes on while the cluster's API is away for a moment.
        if (Date.now() - heardMillis > AWAY_MILLIS || isAnswer(error)) {
          throw error;
        }
      }
    }
  }

  async #look(
    wanted: WantedTrial,
  ): Promise<{ pod: V1Pod | undefined; jobProblem: string | undefined }> {
    const { client } = this.#options;
    const job = (await client.read(trialJob(wanted))) as V1Job | undefined;
    const { items } = await client.list<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: wanted.place.namespace,
      selector: podSelectorOf(wanted.name),
    });
    return { pod: items.at(0), jobProblem: job ? problemOf(job) : GONE };
  }

  async #read(
    wanted: WantedTrial,
    progress: TrialProgress,
  ): Promise<TrialResult> {
    const { timeoutMillis, maxMemoryBytes } = this.#options;
    switch (progress.state) {
      case 'late':
        return exceeded({ seconds: timeoutMillis / SECOND_MILLIS });
      case 'out-of-memory':
        return exceeded({ mebibytes: maxMemoryBytes / MEBIBYTE });
      case 'ended':
        return this.#readEnd(wanted, progress.exitCode);
      case 'not-fetched':
        throw new TrialUnavailableError(
          `The version's files could not be fetched for its trial: ${
            (await this.#complaints(wanted, FETCH_CONTAINER)) ||
            `it ended with exit code ${progress.exitCode}`
          }`,
        );
      case 'failed':
        throw new TrialUnavailableError(
          `The trial's Job has not run: ${progress.reason}`,
        );
      default:
        throw new Error(`a trial that is ${progress.state} has no result`);
    }
  }

  async #readEnd(wanted: WantedTrial, code: number): Promise<TrialResult> {
    const killedBy = signalOf(code);
    if (killedBy !== undefined) return endedBy(killedBy);
    const output = await this.#log(wanted, TRIAL_CONTAINER, {
      tailLines: RESULT_LINES,
      limitBytes: MAX_RESULT_BYTES,
    });
    return readTrialOutput({ code, output, complaints: output });
  }

  /** Its last words; nothing where there are none. */
  async #complaints(wanted: WantedTrial, container: string): Promise<string> {
    try {
      const text = await this.#log(wanted, container, {
        tailLines: COMPLAINT_LINES,
        limitBytes: MAX_COMPLAINT_BYTES,
      });
      return text.trim().replace(/\s*\n\s*/g, ' ');
    } catch {
      return '';
    }
  }

  async #log(
    wanted: WantedTrial,
    container: string,
    limits: { tailLines: number; limitBytes: number },
  ): Promise<string> {
    const { client } = this.#options;
    const { namespace } = wanted.place;
    const { items } = await client.list<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace,
      selector: podSelectorOf(wanted.name),
    });
    const name = items.at(0)?.metadata?.name;
    if (name === undefined) throw new ClusterError('its pod is gone');
    return client.log({
      namespace,
      name,
      container,
      previous: false,
      ...limits,
    });
  }

  /** What is left where this fails ends by itself: the Job by its deadline, the token by its life. */
  async #clear(wanted: WantedTrial): Promise<void> {
    const { client, tokens, logger } = this.#options;
    const removing = [
      client.remove(trialJob(wanted)),
      tokens.takeBack(tokenNameOf(wanted)),
    ];
    for (const result of await Promise.allSettled(removing)) {
      if (result.status === 'fulfilled') continue;
      logger.warn(
        `What was made for trial ${wanted.name} was not removed: ${
          toError(result.reason).message
        }`,
      );
    }
  }
}

function problemOf({ status }: V1Job): string | undefined {
  const failed = status?.conditions?.find(
    ({ type, status: value }) => type === 'Failed' && value === 'True',
  );
  return failed && (failed.message ?? failed.reason ?? 'it has failed');
}

/** Of which no later one is to be expected. */
function isAnswer(error: unknown): boolean {
  const { statusCode } = Object(error);
  return statusCode !== undefined && statusCode < 500 && statusCode !== 429;
}

function signalOf(exitCode: number): string | undefined {
  return Object.entries(constants.signals).find(
    ([, number]) => number === exitCode - SIGNAL_OFFSET,
  )?.[0];
}

/** A name that nobody can issue a token under: those have no dots. */
function tokenNameOf({ name }: WantedTrial): string {
  return `trial.${name}`;
}

/**
 * What the pod is to do.
 *
 * @throws TrialUnavailableError where it does not fit a Secret
 */
async function packOrder({ model, ...request }: TrialRequest): Promise<Buffer> {
  const order = {
    entry: model.entry,
    files: model.files.map(file => ({
      ...file,
      artifactPath: `/api/ai-registry/artifacts/${file.digest}`,
    })),
    request,
  };
  const packed = await pack(JSON.stringify(order));
  if (packed.length <= MAX_ORDER_BYTES) return packed;
  throw new TrialUnavailableError(
    `The trial's rows and list of files are ${packed.length} bytes when they are packed, and a Job takes ${MAX_ORDER_BYTES}: keep fewer rows (spec.recentRows), or have versions tried by a program (aiRegistry.trial.program)`,
  );
}
