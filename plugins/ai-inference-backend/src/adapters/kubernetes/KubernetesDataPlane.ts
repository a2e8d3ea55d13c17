import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  KubernetesObject,
  V1Deployment,
  V1Pod,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import {
  type ClusterClient,
  ClusterError,
  type NamedObject,
} from '@greenroom/cluster-client';
import type { DeployedState } from '../../deployers/Deployer';
import { restartPauseMillis } from '../localProcess/restartPause';
import {
  type ActualObject,
  decideApply,
  describeObject,
  versionOf,
} from './decideApply';
import { describeScaling } from './conditions';
import { describeState } from './describeState';
import { describeDifference, type Difference } from './diff';
import { HANDOVER_MANAGER, replicasToHandOver } from './handOver';
import { LentToken, type TokenLender } from './LentToken';
import {
  ENVIRONMENT_LABEL,
  nameOf,
  runningObjects,
  standingObjects,
  type WantedDataPlane,
} from './objects';

/** What is not watched is looked at again after so long. */
const LOOK_AGAIN_MILLIS = 60_000;
/** What is not watched may be the last that ends. */
const ENDING_MILLIS = 1_000;

/** What is known of the namespace. */
export interface NamespaceView {
  readonly deployments: V1Deployment[] | undefined;
  readonly pods: V1Pod[] | undefined;
  /** Why the cluster does not tell of them; undefined while it does, or is away. */
  readonly refusal: string | undefined;
}

export interface KubernetesDataPlaneOptions {
  client: ClusterClient;
  view: NamespaceView;
  describe(): Promise<WantedDataPlane>;
  environment: string;
  publicUrl: string;
  tokens: TokenLender;
  logger: LoggerService;
  clock: () => Date;
  /** Called when the state may have changed by itself. */
  onChanged(): void;
  /** Does something as soon as its cluster is not asked too much already. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** Somebody else's doing, which only people can end. */
class RefusedError extends Error {}

/** What somebody has changed could not be put right. */
export class RepairError extends Error {
  override readonly name = 'RepairError';
}

/**
 * The data planes of one environment in a cluster.
 *
 * It is looked at in passes, one at a time: when something else is wanted, when the cluster tells of
 * a change that was not made here, and once a minute. A pass that fails is made again after a pause
 * that grows.
 */
export class KubernetesDataPlane {
  readonly #options: KubernetesDataPlaneOptions;
  readonly #token: LentToken;
  #wanted: boolean | undefined;
  #isPassing = false;
  #isStopped = false;
  #dueMillis = 0;
  #isSwept = false;
  #attempts = 0;
  #trouble: { reason: string; attempts: number; nextTryAt: Date } | undefined;
  #drift: string[] = [];
  #scaling: string | undefined;
  #madeUid: string | undefined;
  #since = { state: '', at: '' };
  /** Versions that the cluster has made of what was applied, by object. */
  readonly #settled = new Map<string, string | undefined>();
  /** Versions that were looked at last, by object. */
  readonly #looked = new Map<string, string | undefined>();

  constructor(options: KubernetesDataPlaneOptions) {
    this.#options = options;
    this.#token = new LentToken(options);
  }

  get state(): DeployedState {
    const { view, environment, publicUrl, clock } = this.#options;
    const state = describeState({
      wanted: this.#wanted ?? false,
      deployment: this.#deployment,
      pods: (view.pods ?? []).filter(
        ({ metadata }) => metadata?.labels?.[ENVIRONMENT_LABEL] === environment,
      ),
      isKnown: view.deployments !== undefined && view.pods !== undefined,
      isSwept: this.#isSwept,
      madeUid: this.#madeUid,
      trouble: this.#trouble,
      drift: this.#drift,
      scaling: this.#scaling,
      refusal: view.refusal,
      publicUrl,
      since: name =>
        this.#since.state === name ? this.#since.at : clock().toISOString(),
    });
    if ('since' in state) {
      this.#since = { state: state.state, at: state.since };
    }
    return state;
  }

  want(wanted: boolean): void {
    if (wanted !== this.#wanted) {
      this.#wanted = wanted;
      this.#isSwept = false;
      this.#madeUid = undefined;
      this.#attempts = 0;
      this.#trouble = undefined;
      this.#dueMillis = 0;
    }
    this.#passWhenDue();
  }

  /** The cluster tells of something: what was not made here is looked at. */
  noticed(): void {
    const deployment = this.#deployment as ActualObject | undefined;
    const isAsMade =
      deployment !== undefined &&
      versionOf(deployment) === this.#looked.get(this.#deploymentKey);
    const isUnexpected = this.#wanted ? !isAsMade : !this.#isSwept;
    if (isUnexpected && !this.#trouble) this.#dueMillis = 0;
  }

  /**
   * Puts right, once, what somebody else has changed, whatever the settings say of such changes. What is not there, and
   * what is wanted anew, is for the passes.
   *
   * @returns what was put right, a sentence each
   * @throws RepairError where the cluster does not take it, with its words
   */
  async repair(): Promise<string[]> {
    try {
      return await this.#options.inTurn(() => this.#putRight());
    } catch (error) {
      throw new RepairError(toError(error).message);
    } finally {
      // What was told is looked at anew.
      this.#dueMillis = 0;
      this.#options.onChanged();
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  get #deployment(): V1Deployment | undefined {
    const { view, environment } = this.#options;
    return view.deployments?.find(
      ({ metadata }) => metadata?.name === nameOf(environment),
    );
  }

  get #deploymentKey(): string {
    return `Deployment ${nameOf(this.#options.environment)}`;
  }

  #passWhenDue(): void {
    const nowMillis = this.#options.clock().getTime();
    if (this.#isPassing || this.#isStopped || nowMillis < this.#dueMillis) {
      return;
    }
    this.#isPassing = true;
    // What is noticed from here on makes another one.
    this.#dueMillis = nowMillis + LOOK_AGAIN_MILLIS;
    this.#options
      .inTurn(() => this.#pass(this.#wanted ?? false))
      .then(() => {
        this.#attempts = 0;
        this.#trouble = undefined;
      })
      .catch(error => this.#fail(error))
      .finally(() => {
        this.#isPassing = false;
        this.#options.onChanged();
      });
  }

  #fail(error: unknown): void {
    const { logger, environment, clock } = this.#options;
    const { message } = toError(error);
    this.#attempts += 1;
    const nextTryAt = new Date(
      clock().getTime() + restartPauseMillis(this.#attempts),
    );
    this.#dueMillis = nextTryAt.getTime();
    this.#trouble = { reason: message, attempts: this.#attempts, nextTryAt };
    logger.warn(
      `The data planes of ${environment} are not as they should be: ${message}`,
    );
  }

  async #pass(wanted: boolean): Promise<void> {
    const description = await this.#options.describe();
    if (wanted) await this.#raise(description);
    else await this.#sweep(description);
  }

  async #raise(wanted: WantedDataPlane): Promise<void> {
    const drifts: string[] = [];
    // First: what else cannot be made is no reason for pods that serve to lose theirs.
    await this.#token.ensure(wanted);
    for (const object of standingObjects(wanted)) {
      await this.#apply(wanted, object, drifts);
    }
    const running = runningObjects(wanted);
    if (await this.#isAnyEnding(running)) {
      // Of an earlier wish: it is made anew when it has gone.
      this.#dueMillis = this.#options.clock().getTime() + ENDING_MILLIS;
      return;
    }
    // Before the Deployment, whose pods it counts.
    await this.#removeAll(unneeded(wanted, running));
    const made: KubernetesObject[] = [];
    for (const object of running) {
      made.push(await this.#apply(wanted, object, drifts));
      // Another wish has come meanwhile: it is looked at in the next pass.
      if (this.#wanted) this.#madeUid = made[0].metadata?.uid;
    }
    this.#drift = drifts;
    const autoscaler = made.find(isAutoscaler);
    this.#scaling = autoscaler && describeScaling(autoscaler);
  }

  async #apply(
    { settings: { drift } }: WantedDataPlane,
    wanted: NamedObject,
    drifts: string[],
  ): Promise<KubernetesObject> {
    const { client, logger } = this.#options;
    const key = keyOf(wanted);
    const actual = await client.read(wanted);
    if (actual) this.#looked.set(key, versionOf(actual as ActualObject));
    const decision = decideApply({
      wanted,
      actual,
      drift,
      settledAt: this.#settled.get(key),
    });
    if (decision.act === 'refuse') throw new RefusedError(decision.reason);
    if (decision.act === 'report') {
      drifts.push(...sayChanges(wanted, decision.found));
      return actual as KubernetesObject;
    }
    const isAsWanted = decision.act === 'nothing';
    if (!isAsWanted) await this.#handReplicasOver(wanted, actual);
    const settled = isAsWanted
      ? (actual as KubernetesObject)
      : await applyOrSay(client, wanted, decision.force);
    if (!isAsWanted) logger.info(`${describeObject(wanted)} was applied`);
    this.#settled.set(key, versionOf(settled as ActualObject));
    this.#looked.set(key, versionOf(settled as ActualObject));
    return settled;
  }

  async #putRight(): Promise<string[]> {
    const { client, logger } = this.#options;
    const description = await this.#options.describe();
    const objects = [
      ...standingObjects(description),
      ...runningObjects(description),
    ];
    const done: string[] = [];
    for (const wanted of objects) {
      const actual = await client.read(wanted);
      if (!actual || isEnding(actual)) continue;
      const key = keyOf(wanted);
      const decision = decideApply({
        wanted,
        actual,
        drift: 'report',
        settledAt: this.#settled.get(key),
      });
      if (decision.act === 'refuse') throw new RefusedError(decision.reason);
      if (decision.act !== 'report') continue;
      await this.#handReplicasOver(wanted, actual);
      const settled = await applyOrSay(client, wanted, true);
      this.#settled.set(key, versionOf(settled as ActualObject));
      done.push(...sayChanges(wanted, decision.found));
      logger.info(`${describeObject(wanted)} was put right by request`);
    }
    return done;
  }

  /**
   * Keeps how many pods there are when that is the autoscaler's from now on, or is not any more. What is applied without
   * a field that nobody else has said gives the field its default, which is one pod; and what an autoscaler has said is
   * somebody else's.
   */
  async #handReplicasOver(
    wanted: NamedObject,
    actual: KubernetesObject | undefined,
  ): Promise<void> {
    const replicas = replicasToHandOver(wanted, actual);
    if (replicas === undefined) return;
    const { apiVersion, kind, metadata } = wanted;
    const { name, namespace } = metadata;
    await this.#options.client.apply(
      {
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { replicas },
      } as NamedObject,
      { force: true, manager: HANDOVER_MANAGER },
    );
  }

  async #isAnyEnding(objects: NamedObject[]): Promise<boolean> {
    for (const object of objects) {
      const actual = await this.#options.client.read(object);
      if (actual && isEnding(actual)) return true;
    }
    return false;
  }

  /** Ends what runs; the token after those who have it. */
  async #sweep(wanted: WantedDataPlane): Promise<void> {
    const { view, environment } = this.#options;
    this.#drift = [];
    await this.#removeAll([...runningObjects(wanted), autoscalerOf(wanted)]);
    this.#settled.clear();
    this.#looked.clear();
    const areGone =
      this.#deployment === undefined &&
      view.pods !== undefined &&
      !view.pods.some(
        ({ metadata }) => metadata?.labels?.[ENVIRONMENT_LABEL] === environment,
      );
    if (!areGone) return;
    await this.#token.end(wanted);
    this.#isSwept = true;
  }

  async #removeAll(objects: NamedObject[]): Promise<void> {
    const { client } = this.#options;
    for (const object of objects) {
      const actual = await client.read(object);
      if (!actual || isEnding(actual)) continue;
      const decision = decideApply({ wanted: object, actual, drift: 'repair' });
      if (decision.act !== 'refuse') await client.remove(object);
    }
  }
}

function keyOf({ kind, metadata }: NamedObject): string {
  return `${kind} ${metadata.name}`;
}

function sayChanges(wanted: NamedObject, found: Difference[]): string[] {
  return found.map(
    difference =>
      `somebody has changed ${describeObject(wanted)}: ${describeDifference(
        difference,
      )}`,
  );
}

function isAutoscaler(
  object: KubernetesObject,
): object is V2HorizontalPodAutoscaler {
  return object.kind === 'HorizontalPodAutoscaler';
}

function isEnding({ metadata }: KubernetesObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/** Kinds that another setting would have made. */
function unneeded(
  wanted: WantedDataPlane,
  running: NamedObject[],
): NamedObject[] {
  return running.some(({ kind }) => kind === 'HorizontalPodAutoscaler')
    ? []
    : [autoscalerOf(wanted)];
}

function autoscalerOf(wanted: WantedDataPlane): NamedObject {
  const [deployment] = runningObjects(wanted);
  return {
    ...deployment,
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
  };
}

async function applyOrSay(
  client: ClusterClient,
  wanted: NamedObject,
  force: boolean,
): Promise<KubernetesObject> {
  try {
    return await client.apply(wanted, { force });
  } catch (error) {
    const who = describeObject(wanted);
    if (error instanceof ClusterError && error.isConflict) {
      throw new RefusedError(
        `${who} is held by somebody else, and greenroom.environments says to report that: ${error.message}`,
      );
    }
    throw new Error(`${who} cannot be applied: ${toError(error).message}`);
  }
}
