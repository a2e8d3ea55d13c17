import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  type ClusterClient,
  ClusterError,
  type NamedObject,
} from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type {
  CoreV1Event,
  V1Job,
  V1Node,
  V1Pod,
} from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  type AttemptId,
  AttemptRefusedError,
  BackendAwayError,
  type LogPart,
  type ObservedAttempt,
  type TrainingBackend,
  type WantedAttempt,
} from '../../backends/TrainingBackend';
import { AttemptLog } from './AttemptLog';
import { AttemptWatch } from './AttemptWatch';
import { Kueue } from './Kueue';
import { capacityOf } from './capacityOf';
import { decideEnding } from './decideEnding';
import { conditionOf, describeAttempt, isFinished } from './describeAttempt';
import { type EndingReason, ENDING_ANNOTATION, endingOf } from './ending';
import { problemWithAttempt } from './problemWithAttempt';
import type { TrainingPlace } from './settings';
import {
  attemptName,
  attemptOf,
  attemptSelector,
  forgetJob,
  orderOf,
  type PlacedAttempt,
  trainingJob,
  trainingNetworkPolicy,
  trainingSecret,
  trainingService,
} from './trainingObjects';
import { type PodMetrics, usageOf } from './usageOf';

/** Of jobs that name none: nodes as the cluster's scheduler chooses them. */
const ANY_FLAVOR = 'any';
const ANSWER_MILLIS = 10_000;
/** What was made is told by the watch within moments; where it is not, it is asked for again. */
const TOLD_MILLIS = 30_000;
const CAPACITY_MILLIS = 30_000;
const EVENTS_MILLIS = 15_000;
const METRICS_MILLIS = 15_000;
/** A cluster without metrics is asked again after a while: somebody may install them. */
const NO_METRICS_MILLIS = 10 * 60_000;
const MOST_EVENTS = 2_000;
/** A Secret has a MiB, and the token and its names are in it, too. */
const MAX_ORDER_BYTES = 700 * 1024;
const FORGET_MILLIS = 60_000;
const LOOK_MILLIS = 300;
const CONFLICT = 409;
const FORBIDDEN = 403;
const REFUSED = [400, 422];
/** Of a rule that the cluster's administrators have made, and not of a right that lacks. */
const ADMISSION = /admission webhook|ValidatingAdmissionPolicy/;

const pack = promisify(gzip);

export interface KubernetesTrainingBackendOptions {
  client: ClusterClient;
  place: TrainingPlace;
  flavors: readonly Flavor[];
  installation: string;
  logger: LoggerService;
  /** After so long without a word from the cluster nothing is known. */
  awayMillis?: number;
}

/** An attempt as it was seen last. */
interface Seen {
  observed: ObservedAttempt;
  /** Undefined where its Job is gone, and not by us. */
  job: V1Job | undefined;
  pods: V1Pod[];
}

/**
 * Runs attempts as Jobs of a cluster.
 *
 * What an attempt is, is kept in the cluster: another control plane goes on with what it finds. In memory is only what can
 * be read again, logs that are read anew from their beginning among it; and how an attempt ended whose Job somebody else
 * has removed.
 */
export class KubernetesTrainingBackend implements TrainingBackend {
  readonly name: string;
  readonly defaultFlavor = ANY_FLAVOR;
  readonly #options: KubernetesTrainingBackendOptions;
  readonly #watch: AttemptWatch;
  /** What was made and is not told of yet, by name. */
  readonly #begun = new Map<string, { job: V1Job; untilMillis: number }>();
  readonly #seen = new Map<string, Seen>();
  /** UIDs of Jobs that are removed, and may still be told of. */
  readonly #released = new Set<string>();
  readonly #logs = new Map<string, AttemptLog>();
  /** Names of attempts of which something is being changed just now. */
  readonly #busy = new Set<string>();
  readonly #kueue: Kueue | undefined;
  #folder: Promise<string> | undefined;
  #capacity: { at: number; nodes: V1Node[] | undefined } | undefined;
  #events: { at: number; items: CoreV1Event[] } = { at: -Infinity, items: [] };
  #metrics: { askMillis: number; items: PodMetrics[] } = {
    askMillis: -Infinity,
    items: [],
  };

  constructor(options: KubernetesTrainingBackendOptions) {
    const { client, place, installation, logger, awayMillis } = options;
    this.name = place.name;
    this.#options = options;
    this.#kueue = place.kueue && new Kueue({ client, place });
    this.#watch = new AttemptWatch({
      client,
      namespace: place.namespace,
      selector: attemptSelector(installation),
      answerMillis: ANSWER_MILLIS,
      awayMillis,
      logger,
    });
  }

  get problem(): string | undefined {
    return this.#kueue?.problem;
  }

  async capacity(): Promise<Map<string, number | undefined>> {
    const { flavors } = this.#options;
    const isAsked =
      !this.#kueue && flavors.some(({ capacity }) => capacity === undefined);
    const nodes = isAsked ? await this.#nodes() : undefined;
    return new Map([
      [ANY_FLAVOR, undefined],
      ...flavors.map(
        flavor =>
          [
            flavor.name,
            // Kueue knows what there is, and lets go what fits.
            this.#kueue
              ? undefined
              : flavor.capacity ?? (nodes && capacityOf(flavor, nodes)),
          ] as const,
      ),
    ]);
  }

  problemWith(
    wanted: Pick<WantedAttempt, 'program' | 'resources'>,
  ): string | undefined {
    return problemWithAttempt(wanted, this.#options);
  }

  async start(wanted: WantedAttempt, token: string): Promise<void> {
    const problem = this.problemWith(wanted);
    if (problem !== undefined) throw new AttemptRefusedError(problem);
    const placed = this.#placeOf(wanted);
    if (wanted.resumeOf !== undefined && !placed.place.checkpointsClaim) {
      throw new AttemptRefusedError(
        `it is to begin with checkpoints, and ${this.name} keeps none: set aiTraining.kubernetes[].checkpointsClaim`,
      );
    }
    const order = await packOrder(placed);
    try {
      const job = await this.#makeJob(placed);
      if (isFinished(job)) return;
      const jobUid = job.metadata?.uid ?? '';
      this.#begun.set(attemptName(wanted), {
        job,
        untilMillis: performance.now() + TOLD_MILLIS,
      });
      // Its pods wait for the Secret, and so for what comes before it.
      for (const object of this.#belongings(placed, jobUid)) {
        await this.#options.client.apply(object, { force: true });
      }
      const secret = trainingSecret(placed, { jobUid, order, token });
      await this.#options.client.apply(secret, { force: true });
    } catch (error) {
      throw refusalOf(error) ?? toAway(error);
    }
  }

  async stop(
    id: AttemptId,
    { graceSeconds }: { graceSeconds: number },
  ): Promise<void> {
    try {
      const job = (await this.#options.client.read(this.#named(id))) as
        | V1Job
        | undefined;
      if (!job || isFinished(job)) return;
      await this.#markEnding(job, { why: 'stop' }, graceSeconds);
    } catch (error) {
      throw toAway(error);
    }
  }

  async observe(): Promise<ObservedAttempt[]> {
    await this.#look();
    await this.#tendAll();
    return [...this.#seen.values()].map(({ observed, pods }) => {
      const { state } = observed;
      if (state.phase !== 'running') return observed;
      const names = pods.flatMap(({ metadata }) => metadata?.name ?? []);
      const usage = usageOf(this.#metrics.items, names);
      return usage ? { ...observed, state: { ...state, usage } } : observed;
    });
  }

  async readLog(
    id: AttemptId,
    { fromByte, mostBytes }: { fromByte: number; mostBytes: number },
  ): Promise<LogPart> {
    await this.#look();
    const seen = this.#seen.get(attemptName(id));
    if (!seen) return { bytes: Buffer.alloc(0), fromByte, isEnd: true };
    this.#tend(seen);
    const log = await this.#logOf(seen);
    return await log.read(fromByte, mostBytes);
  }

  async release(id: AttemptId): Promise<void> {
    const name = attemptName(id);
    const { client, place } = this.#options;
    const metadata = { name, namespace: place.namespace };
    const uid = this.#seen.get(name)?.job?.metadata?.uid;
    try {
      await client.remove(this.#named(id));
      if (uid !== undefined) this.#released.add(uid);
      await client.remove({ apiVersion: 'v1', kind: 'Secret', metadata });
      await client.remove({ apiVersion: 'v1', kind: 'Service', metadata });
      if (place.networkPolicy) {
        await client.remove({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata,
        });
      }
    } catch (error) {
      throw toAway(error);
    }
    this.#seen.delete(name);
    this.#begun.delete(name);
    const log = this.#logs.get(name);
    this.#logs.delete(name);
    await log?.remove();
  }

  async forget(job: string): Promise<void> {
    const { client, place } = this.#options;
    if (place.checkpointsClaim === undefined) return;
    const wanted = forgetJob(job, this.#options);
    try {
      await client.create(wanted).catch(error => {
        if (Object(error).statusCode !== CONFLICT) throw error;
      });
      const ended = await this.#untilFinished(wanted);
      await client.remove(wanted);
      const failed = ended && conditionOf(ended, 'Failed');
      if (!failed) return;
      throw new BackendAwayError(
        `the checkpoints of job ${job} could not be removed: ${failed.message}`,
      );
    } catch (error) {
      throw toAway(error);
    }
  }

  /** @returns undefined where it is gone */
  async #untilFinished(wanted: NamedObject): Promise<V1Job | undefined> {
    const { client } = this.#options;
    const endMillis = performance.now() + FORGET_MILLIS;
    while (performance.now() < endMillis) {
      const job = (await client.read(wanted)) as V1Job | undefined;
      if (!job || isFinished(job)) return job;
      await sleep(LOOK_MILLIS, undefined, { ref: false });
    }
    throw new BackendAwayError(
      `${wanted.metadata.name} has not ended after ${
        FORGET_MILLIS / 1_000
      } seconds: it goes on`,
    );
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await Promise.all([...this.#logs.values()].map(log => log.stop()));
    this.#logs.clear();
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined)
      await rm(folder, { recursive: true, force: true });
  }

  #placeOf(wanted: WantedAttempt): PlacedAttempt {
    const { place, installation, flavors } = this.#options;
    const { flavor } = wanted.resources;
    return {
      wanted,
      place,
      installation,
      flavor: flavors.find(({ name }) => name === flavor),
    };
  }

  #named(id: AttemptId): NamedObject {
    const { namespace } = this.#options.place;
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: attemptName(id), namespace },
    };
  }

  /** The one that there is, where it is of the same attempt. */
  async #makeJob(placed: PlacedAttempt): Promise<V1Job> {
    const { client, installation } = this.#options;
    try {
      return (await client.create(trainingJob(placed))) as V1Job;
    } catch (error) {
      if (Object(error).statusCode !== CONFLICT) throw error;
      const there = (await client.read(this.#named(placed.wanted))) as
        | V1Job
        | undefined;
      // It was just removed: who asks again makes it.
      if (!there) throw error;
      if (isOurs(there, placed.wanted, installation)) return there;
      throw new AttemptRefusedError(
        `the namespace ${placed.place.namespace} has a Job ${attemptName(
          placed.wanted,
        )} that is not of this portal: remove it`,
      );
    }
  }

  #belongings(placed: PlacedAttempt, jobUid: string): NamedObject[] {
    const { networkPolicy } = placed.place;
    return [
      ...(placed.wanted.resources.nodes > 1
        ? [trainingService(placed, jobUid)]
        : []),
      ...(networkPolicy
        ? [trainingNetworkPolicy(placed, networkPolicy.allow, jobUid)]
        : []),
    ];
  }

  /** Takes over what the cluster has told. */
  async #look(): Promise<void> {
    const told = await this.#watch.look();
    await this.#kueue?.look(told.jobs);
    const jobs = new Map(
      told.jobs
        .filter(({ metadata }) => !this.#released.has(metadata?.uid ?? ''))
        .map(job => [job.metadata?.name ?? '', job]),
    );
    const uids = new Set(told.jobs.map(({ metadata }) => metadata?.uid));
    for (const uid of this.#released) {
      if (!uids.has(uid)) this.#released.delete(uid);
    }
    for (const [name, { job, untilMillis }] of this.#begun) {
      const isKnown = jobs.has(name) || performance.now() > untilMillis;
      if (isKnown) this.#begun.delete(name);
      else jobs.set(name, job);
    }
    for (const [name, job] of jobs) {
      const id = attemptOf(job.metadata?.labels);
      if (!id) continue;
      const pods = told.pods.filter(pod => isOf(pod, job));
      const before = this.#seen.get(name);
      if (before && isSameEnd(before, job)) continue;
      const state = describeAttempt({
        job,
        pods,
        events: this.#eventsOf(name),
        queue: this.#kueue?.describe(job),
        nowMillis: this.#options.client.nowMillis,
      });
      this.#seen.set(name, { observed: { ...id, state }, job, pods });
    }
    for (const [name, seen] of this.#seen) {
      if (!jobs.has(name)) this.#seen.set(name, withoutJob(seen, told.pods));
    }
  }

  /** What is to be done besides, of every attempt; one that cannot be helped now keeps no other one waiting. */
  async #tendAll(): Promise<void> {
    const all = [...this.#seen.values()];
    await Promise.all([
      ...all.map(seen =>
        this.#logOf(seen).catch(error =>
          this.#options.logger.warn(
            `The log of ${attemptName(seen.observed)} is not followed: ${
              toError(error).message
            }`,
          ),
        ),
      ),
      this.#readEvents(all),
    ]);
    this.#readMetrics(all).catch(() => {});
    all.forEach(seen => this.#tend(seen));
  }

  #tend(seen: Seen): void {
    this.#endWhatIsToEnd(seen).catch(error =>
      this.#options.logger.warn(
        `What is to end of ${attemptName(seen.observed)} could not be ended: ${
          toError(error).message
        }`,
      ),
    );
  }

  async #endWhatIsToEnd({ job, pods, observed }: Seen): Promise<void> {
    const name = attemptName(observed);
    if (!job || observed.state.phase === 'ended' || this.#busy.has(name))
      return;
    this.#busy.add(name);
    try {
      const { graceSeconds, imageSeconds } = this.#options.place;
      const actions = decideEnding({
        job,
        pods,
        state: observed.state,
        imageSeconds,
        nowMillis: this.#options.client.nowMillis,
      });
      // A pod that cannot be ended now keeps no other one running.
      const done = await Promise.allSettled(
        actions.map(action =>
          action.kind === 'mark'
            ? this.#markEnding(job, action.reason, graceSeconds)
            : this.#act(job, action),
        ),
      );
      const failed = done.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    } finally {
      this.#busy.delete(name);
    }
  }

  async #act(
    job: V1Job,
    action: Exclude<ReturnType<typeof decideEnding>[number], { kind: 'mark' }>,
  ): Promise<void> {
    const { client, place } = this.#options;
    const { namespace } = place;
    if (action.kind === 'suspend') {
      await client.merge({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: job.metadata?.name ?? '', namespace },
        spec: { suspend: true },
      });
      return;
    }
    const { name = '', uid } = action.pod.metadata ?? {};
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
    };
    if (action.kind === 'end' || action.kind === 'limit') {
      const activeDeadlineSeconds =
        action.kind === 'limit' ? action.seconds : 1;
      await client.merge({ ...pod, spec: { activeDeadlineSeconds } });
    } else {
      await client.remove(pod, { uid, graceSeconds: 1 });
    }
  }

  /** What was said first counts, and the shorter time. */
  async #markEnding(
    job: V1Job,
    reason: EndingReason,
    graceSeconds: number,
  ): Promise<void> {
    const before = endingOf(job);
    const untilMillis = Math.min(
      this.#options.client.nowMillis + graceSeconds * 1_000,
      before ? Date.parse(before.until) : Infinity,
    );
    const until = new Date(untilMillis).toISOString();
    const ending = JSON.stringify({ ...(before ?? reason), until });
    await this.#options.client.merge({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: job.metadata?.name ?? '',
        namespace: this.#options.place.namespace,
        annotations: { [ENDING_ANNOTATION]: ending },
      } as NamedObject['metadata'],
    });
  }

  async #logOf({ observed, pods }: Seen): Promise<AttemptLog> {
    const name = attemptName(observed);
    this.#folder ??= mkdtemp(join(tmpdir(), 'greenroom-training-logs-')).catch(
      error => {
        // A disk that is full now may have room later.
        this.#folder = undefined;
        throw error;
      },
    );
    const folder = join(await this.#folder, name);
    let log = this.#logs.get(name);
    if (!log) {
      const { client, place, logger } = this.#options;
      log = new AttemptLog({
        client,
        namespace: place.namespace,
        folder,
        findPod: pod => this.#watch.pod(pod),
        onTrouble: message => logger.warn(`Training: ${message}`),
      });
      this.#logs.set(name, log);
    }
    await log.tend(pods, observed.state.phase === 'ended');
    return log;
  }

  #eventsOf(name: string): CoreV1Event[] {
    return this.#events.items.filter(
      ({ involvedObject }) =>
        involvedObject.kind === 'Job' && involvedObject.name === name,
    );
  }

  /** Only where some Job has no pod, which is what events alone explain. */
  async #readEvents(all: readonly Seen[]): Promise<void> {
    const isAsked = all.some(
      ({ job, pods, observed }) =>
        job && pods.length === 0 && observed.state.phase === 'starting',
    );
    if (!isAsked || performance.now() - this.#events.at < EVENTS_MILLIS) return;
    const { client, place } = this.#options;
    this.#events = { ...this.#events, at: performance.now() };
    try {
      const { items } = await client.events(place.namespace, {
        most: MOST_EVENTS,
      });
      this.#events = {
        at: performance.now(),
        items: items.filter(one => one.involvedObject.kind === 'Job'),
      };
    } catch {
      // Without the right to read them, less is told.
    }
  }

  async #readMetrics(all: readonly Seen[]): Promise<void> {
    const isAsked = all.some(seen => seen.observed.state.phase === 'running');
    if (!isAsked || performance.now() < this.#metrics.askMillis) return;
    const { client, place, installation } = this.#options;
    this.#metrics.askMillis = performance.now() + METRICS_MILLIS;
    try {
      const { items } = await client.list<PodMetrics>({
        apiVersion: 'metrics.k8s.io/v1beta1',
        kind: 'PodMetrics',
        namespace: place.namespace,
        selector: attemptSelector(installation),
      });
      this.#metrics.items = items;
    } catch {
      this.#metrics = {
        askMillis: performance.now() + NO_METRICS_MILLIS,
        items: [],
      };
    }
  }

  /** Undefined where we may not know them. */
  async #nodes(): Promise<V1Node[] | undefined> {
    const known = this.#capacity;
    if (known && performance.now() - known.at < CAPACITY_MILLIS) {
      return known.nodes;
    }
    let nodes: V1Node[] | undefined = [];
    try {
      const pages = this.#options.client.pages<V1Node>({
        apiVersion: 'v1',
        kind: 'Node',
        signal: AbortSignal.timeout(ANSWER_MILLIS),
      });
      for await (const page of pages) nodes.push(...page);
    } catch (error) {
      if (Object(error).statusCode !== FORBIDDEN) throw toAway(error);
      nodes = undefined;
    }
    this.#capacity = { at: performance.now(), nodes };
    return nodes;
  }
}

function isOf({ metadata }: V1Pod, job: V1Job): boolean {
  return (
    metadata?.ownerReferences?.some(({ uid }) => uid === job.metadata?.uid) ??
    false
  );
}

/** How it ended was seen, and stays so when its pods are removed. */
function isSameEnd({ observed, job }: Seen, now: V1Job): boolean {
  return (
    observed.state.phase === 'ended' && job?.metadata?.uid === now.metadata?.uid
  );
}

function isOurs(
  { metadata }: V1Job,
  { job, number }: AttemptId,
  installation: string,
): boolean {
  const id = attemptOf(metadata?.labels);
  const isSame = id?.job === job && id.number === number;
  return (
    isSame &&
    attemptSelector(installation)
      .split(',')
      .every(label => {
        const [name, value] = label.split('=');
        return metadata?.labels?.[name] === value;
      })
  );
}

/** Somebody has removed its Job: how it ended is known where it had, and its pods end with it. */
function withoutJob(seen: Seen, pods: readonly V1Pod[]): Seen {
  const { observed, job } = seen;
  const left = job ? pods.filter(pod => isOf(pod, job)) : [];
  if (observed.state.phase === 'ended' || left.length > 0) return seen;
  const startedAt =
    observed.state.phase === 'running' ? observed.state.startedAt : undefined;
  return {
    job: undefined,
    pods: [],
    observed: {
      ...observed,
      state: {
        phase: 'ended',
        end: {
          kind: 'lost',
          message: `somebody has removed its Job ${attemptName(observed)}`,
        },
        ...(startedAt !== undefined && { startedAt }),
      },
    },
  };
}

/** @throws AttemptRefusedError where it does not fit a Secret */
async function packOrder(placed: PlacedAttempt): Promise<Buffer> {
  const packed = await pack(JSON.stringify(orderOf(placed)));
  if (packed.length <= MAX_ORDER_BYTES) return packed;
  const files = placed.wanted.datasets.flatMap(dataset => dataset.files);
  throw new AttemptRefusedError(
    `its datasets have ${files.length} files, whose names and digests are ${packed.length} bytes when they are packed, and a cluster takes ${MAX_ORDER_BYTES}: put them into fewer, larger files`,
  );
}

/** Undefined where it is not for good. */
function refusalOf(error: unknown): AttemptRefusedError | undefined {
  if (error instanceof AttemptRefusedError) return error;
  if (!(error instanceof ClusterError)) return undefined;
  const { statusCode = 0, message } = error;
  const isForGood =
    REFUSED.includes(statusCode) ||
    (statusCode === FORBIDDEN && ADMISSION.test(message));
  return isForGood
    ? new AttemptRefusedError(`the cluster refuses it: ${message}`, error)
    : undefined;
}

function toAway(error: unknown): Error {
  return error instanceof BackendAwayError
    ? error
    : new BackendAwayError(toError(error).message, error);
}
