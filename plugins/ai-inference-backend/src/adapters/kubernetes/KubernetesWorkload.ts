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
import { passPauseMillis } from './passPause';
import {
  type ActualObject,
  decideApply,
  describeObject,
  versionOf,
} from './decideApply';
import { describeScaling } from './conditions';
import { describeState } from './describeState';
import {
  describeRoute,
  type GatewayRoute,
  HTTP_ROUTE,
} from './dataPlane/httpRoute';
import { describeDifference, type Difference } from './diff';
import { HANDOVER_MANAGER, replicasToHandOver } from './handOver';

/** What is not watched is looked at again after so long. */
const LOOK_AGAIN_MILLIS = 60_000;
/** Part of that by which the moment is moved forward by chance, so that what began together does not stay together. */
const LOOK_AGAIN_SPREAD = 0.25;
/** What is not watched may be the last that ends. */
const ENDING_MILLIS = 1_000;
/** A Gateway that looks at a route says so within seconds. */
const ROUTE_MILLIS = 5_000;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** What is known of the namespace. */
export interface NamespaceView {
  readonly deployments: V1Deployment[] | undefined;
  readonly pods: V1Pod[] | undefined;
  /** Why the cluster does not tell of them; undefined while it does, or is away. */
  readonly refusal: string | undefined;
}

/** What is to be in a cluster, in the order in which it is made. */
export interface WantedObjects {
  /** What stays while nothing runs. */
  standing: NamedObject[];
  /** What runs, its Deployment first. */
  running: NamedObject[];
  /** What other settings would have made. */
  unneeded: NamedObject[];
  /** How callers from outside come in: it stays, too, and what is in its way is in that of nothing else. */
  routes: NamedObject[];
  /** What settings of an earlier start have made, and the cluster may not serve to us. */
  former: NamedObject[];
  drift: 'repair' | 'report';
  /** How many pods its Deployment begins with where an autoscaler says later how many there are. */
  firstReplicas?: number;
}

export interface KubernetesWorkloadOptions {
  client: ClusterClient;
  view: NamespaceView;
  describe(): Promise<WantedObjects>;
  /** Of its Deployment. */
  name: string;
  /** What it is, at the begin of a sentence, such as `The data planes of live`. */
  title: string;
  isOwnPod(pod: V1Pod): boolean;
  publicUrl: string;
  /** What its pods are lent. */
  lent?: {
    /** Has it lie there before there are pods. */
    ensure(): Promise<void>;
    /** Called when there are none any more. */
    end(): Promise<void>;
  };
  logger: LoggerService;
  clock: () => Date;
  /** Called when the state may have changed by itself. */
  onChanged(): void;
  /** Does something as soon as its cluster is not asked too much already. What somebody waits for has turns of its own. */
  inTurn<T>(
    work: () => Promise<T>,
    options: { isAwaited: boolean },
  ): Promise<T>;
}

/** Somebody else's doing, which only people can end. */
class RefusedError extends Error {}

/** What somebody has changed could not be put right. */
export class RepairError extends Error {
  override readonly name = 'RepairError';
}

/**
 * Pods that are the same, in a cluster: the data planes of an environment, or a model server beside them.
 *
 * It is looked at in passes, one at a time: when something else is wanted, when the cluster tells of
 * a change that was not made here, and once a minute. A pass that fails is made again after a pause
 * that grows.
 */
export class KubernetesWorkload {
  readonly #options: KubernetesWorkloadOptions;
  #wanted: boolean | undefined;
  #isPassing = false;
  #isStopped = false;
  #dueMillis = 0;
  #isSwept = false;
  /** Whether what is wanted has not been made once. */
  #isNew = true;
  #attempts = 0;
  #trouble: { reason: string; attempts: number; nextTryAt: Date } | undefined;
  #drift: string[] = [];
  #scaling: string | undefined;
  #route: string | undefined;
  #isTidy = false;
  #madeUid: string | undefined;
  #since = { state: '', at: '' };
  /** Versions that the cluster has made of what was applied, by object. */
  readonly #settled = new Map<string, string | undefined>();
  /** Versions that were looked at last, by object. */
  readonly #looked = new Map<string, string | undefined>();

  constructor(options: KubernetesWorkloadOptions) {
    this.#options = options;
  }

  get state(): DeployedState {
    const { view, isOwnPod, publicUrl, clock } = this.#options;
    const state = describeState({
      wanted: this.#wanted ?? false,
      deployment: this.#deployment,
      pods: (view.pods ?? []).filter(isOwnPod),
      isKnown: view.deployments !== undefined && view.pods !== undefined,
      isSwept: this.#isSwept,
      madeUid: this.#madeUid,
      trouble: this.#trouble,
      drift: this.#drift,
      scaling: this.#scaling,
      route: this.#route,
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
      this.#isNew = true;
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
      return await this.#options.inTurn(() => this.#putRight(), {
        isAwaited: true,
      });
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
    const { view, name } = this.#options;
    return view.deployments?.find(({ metadata }) => metadata?.name === name);
  }

  get #deploymentKey(): string {
    return `Deployment ${this.#options.name}`;
  }

  #passWhenDue(): void {
    const nowMillis = this.#options.clock().getTime();
    if (this.#isPassing || this.#isStopped || nowMillis < this.#dueMillis) {
      return;
    }
    this.#isPassing = true;
    // What is noticed from here on makes another one.
    this.#dueMillis =
      nowMillis + LOOK_AGAIN_MILLIS * (1 - LOOK_AGAIN_SPREAD * Math.random());
    const wanted = this.#wanted ?? false;
    this.#options
      .inTurn(() => this.#pass(this.#wanted ?? false), {
        isAwaited: this.#isNew,
      })
      .then(() => {
        if (wanted === this.#wanted) this.#isNew = false;
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
    const { logger, title, clock } = this.#options;
    const { message } = toError(error);
    this.#attempts += 1;
    const nextTryAt = new Date(
      clock().getTime() + passPauseMillis(this.#attempts, error),
    );
    this.#dueMillis = nextTryAt.getTime();
    this.#trouble = { reason: message, attempts: this.#attempts, nextTryAt };
    logger.warn(`${title} are not as they should be: ${message}`);
  }

  async #pass(wanted: boolean): Promise<void> {
    const description = await this.#options.describe();
    if (wanted) await this.#raise(description);
    else await this.#sweep(description);
  }

  async #raise(wanted: WantedObjects): Promise<void> {
    const { standing, running, unneeded, routes } = wanted;
    const drifts: string[] = [];
    // First: what else cannot be made is no reason for pods that serve to lose theirs.
    await this.#options.lent?.ensure();
    for (const object of standing) await this.#apply(object, wanted, drifts);
    if (await this.#isAnyEnding(running)) {
      // Of an earlier wish: it is made anew when it has gone.
      this.#dueMillis = this.#options.clock().getTime() + ENDING_MILLIS;
      return;
    }
    // Before the Deployment, whose pods it counts.
    await this.#removeAll(unneeded);
    const made: KubernetesObject[] = [];
    const failures: string[] = [];
    for (const object of [...running, ...routes]) {
      try {
        made.push(await this.#apply(object, wanted, drifts));
      } catch (error) {
        // Pods serve without what is for them, such as an API that the cluster does not have.
        if (made.length === 0) throw error;
        failures.push(toError(error).message);
      }
      // Another wish has come meanwhile: it is looked at in the next pass.
      if (this.#wanted) this.#madeUid = made[0].metadata?.uid;
    }
    this.#drift = drifts;
    const autoscaler = made.find(isAutoscaler);
    this.#scaling = autoscaler && describeScaling(autoscaler);
    const route = made.find(isRoute);
    this.#route = route && describeRoute(route);
    if (this.#route !== undefined) {
      // What its Gateway says of it is not watched.
      this.#dueMillis = this.#options.clock().getTime() + ROUTE_MILLIS;
    }
    await this.#tidy(wanted);
    if (failures.length > 0) throw new Error(failures.join('; '));
  }

  async #apply(
    wanted: NamedObject,
    { drift, firstReplicas }: WantedObjects,
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
    if (!isAsWanted) {
      const found = actual ?? (await this.#begin(wanted, firstReplicas));
      await this.#handReplicasOver(wanted, found);
    }
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
    const { standing, running, routes } = await this.#options.describe();
    const objects = [...standing, ...running, ...routes];
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

  /** An autoscaler looks only some time later, and begins with what is there: without a word of ours, with one pod. */
  async #begin(
    wanted: NamedObject,
    replicas: number | undefined,
  ): Promise<KubernetesObject | undefined> {
    if (replicas === undefined || wanted.kind !== 'Deployment')
      return undefined;
    const { spec } = wanted as V1Deployment;
    const first = { ...wanted, spec: { ...spec, replicas } } as NamedObject;
    return applyOrSay(this.#options.client, first, false);
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

  /** Ends what runs; what was lent after those who have it. */
  async #sweep({ running, unneeded }: WantedObjects): Promise<void> {
    const { view, isOwnPod, lent } = this.#options;
    this.#drift = [];
    await this.#removeAll([...running, ...unneeded]);
    this.#settled.clear();
    this.#looked.clear();
    const areGone =
      this.#deployment === undefined &&
      view.pods !== undefined &&
      !view.pods.some(isOwnPod);
    if (!areGone) return;
    await lent?.end();
    this.#isSwept = true;
  }

  /** Once: settings change when the control plane is started anew. Where it may not ask, it has never made any. */
  async #tidy({ former }: WantedObjects): Promise<void> {
    if (this.#isTidy) return;
    try {
      await this.#removeAll(former);
    } catch (error) {
      const isHidden =
        error instanceof ClusterError &&
        (error.statusCode === FORBIDDEN || error.statusCode === NOT_FOUND);
      if (!isHidden) throw error;
    }
    this.#isTidy = true;
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

function isRoute(
  object: KubernetesObject,
): object is KubernetesObject & GatewayRoute {
  return object.kind === HTTP_ROUTE.kind;
}

function isAutoscaler(
  object: KubernetesObject,
): object is V2HorizontalPodAutoscaler {
  return object.kind === 'HorizontalPodAutoscaler';
}

function isEnding({ metadata }: KubernetesObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
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
