import type { ClusterClient, NamedObject } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import { isTrainJob } from './AttemptObject';
import { decideEnding, type EndingAction } from './decideEnding';
import {
  type EndingReason,
  ENDING_ANNOTATION,
  endingOf,
  EXPIRED_SECONDS,
} from './ending';
import { attemptName, isGivenToKueue } from './objects/labels';
import type { SeenAttempt } from './SeenAttempt';
import type { TrainingPlace } from './settings';
import { weaknessOf } from './trainer/confinement';

const EXPIRED = { activeDeadlineSeconds: EXPIRED_SECONDS };

/** Ends attempts that are to end, step by step, as the cluster tells how far they are. */
export class AttemptEnder {
  readonly #client: Pick<ClusterClient, 'merge' | 'nowMillis' | 'remove'>;
  readonly #place: TrainingPlace;
  /** Names of attempts of which something is being changed just now. */
  readonly #busy = new Set<string>();

  constructor(options: {
    client: Pick<ClusterClient, 'merge' | 'nowMillis' | 'remove'>;
    place: TrainingPlace;
  }) {
    this.#client = options.client;
    this.#place = options.place;
  }

  /** Does what is to be done next of one. */
  async tend({ object, pods, observed }: SeenAttempt): Promise<void> {
    const name = attemptName(observed);
    const { state } = observed;
    if (!object || state.phase === 'ended' || this.#busy.has(name)) return;
    const { job } = object;
    this.#busy.add(name);
    try {
      const { graceSeconds, imageSeconds } = this.#place;
      const weakness = isTrainJob(object)
        ? pods.map(weaknessOf).find(what => what !== undefined)
        : undefined;
      const actions = decideEnding({
        job,
        pods,
        state,
        imageSeconds,
        weakness,
        nowMillis: this.#client.nowMillis,
      });
      // A pod that cannot be ended now keeps no other one running.
      const done = await Promise.allSettled(
        actions.map(action =>
          action.kind === 'mark'
            ? this.mark(job, action.reason, { graceSeconds })
            : this.#act(job, action),
        ),
      );
      const failed = done.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    } finally {
      this.#busy.delete(name);
    }
  }

  /** Says that it is to end. What was said first counts, and the shorter time. */
  async mark(
    job: V1Job,
    reason: EndingReason,
    { graceSeconds }: { graceSeconds: number },
  ): Promise<void> {
    const before = endingOf(job);
    const seconds = reason.why === 'unsafe' ? 0 : graceSeconds;
    const untilMillis = Math.min(
      this.#client.nowMillis + seconds * 1_000,
      before ? Date.parse(before.until) : Infinity,
    );
    const until = new Date(untilMillis).toISOString();
    const ending = JSON.stringify({ ...(before ?? reason), until });
    const { metadata, ...kind } = this.#named(job);
    await this.#client.merge({
      ...kind,
      metadata: {
        ...metadata,
        annotations: { [ENDING_ANNOTATION]: ending },
      } as NamedObject['metadata'],
      // Kueue may let it run in this moment.
      ...(isGivenToKueue(job) && job.spec?.suspend && { spec: EXPIRED }),
    });
  }

  async #act(
    job: V1Job,
    action: Exclude<EndingAction, { kind: 'mark' }>,
  ): Promise<void> {
    if (action.kind === 'suspend' || action.kind === 'expire') {
      const isSuspended = action.kind === 'suspend' || job.kind === 'TrainJob';
      await this.#client.merge({
        ...this.#named(job),
        spec: {
          ...(action.kind === 'expire' && EXPIRED),
          // Not every Kubeflow Trainer knows of deadlines.
          ...(isSuspended && { suspend: true }),
        },
      });
      return;
    }
    const { name = '', uid } = action.pod.metadata ?? {};
    const { namespace } = this.#place;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
    };
    if (action.kind === 'end' || action.kind === 'limit') {
      const activeDeadlineSeconds =
        action.kind === 'limit' ? action.seconds : 1;
      await this.#client.merge({ ...pod, spec: { activeDeadlineSeconds } });
    } else {
      await this.#client.remove(pod, { uid, graceSeconds: 1 });
    }
  }

  #named({ apiVersion, kind, metadata }: V1Job): NamedObject {
    const { namespace } = this.#place;
    return {
      // Lists of the cluster leave them out.
      apiVersion: apiVersion ?? 'batch/v1',
      kind: kind ?? 'Job',
      metadata: { name: metadata?.name ?? '', namespace },
    };
  }
}
