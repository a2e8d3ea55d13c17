import type { ClusterClient } from '@greenroom/cluster-client';
import { GROUP } from './externalMetrics';
import type { ClusterUser } from './FrontProxy';

/** An autoscaler asks four times a minute. */
const KNOWN_MILLIS = 60_000;
const MOST_KNOWN = 1_000;

/** What the cluster allows, which is asked at most once a minute. */
export class AccessReviews {
  readonly #client: Pick<ClusterClient, 'create'>;
  readonly #now: () => number;
  readonly #known = new Map<
    string,
    { allowed: boolean; untilMillis: number }
  >();

  /** @param options.now - a monotonic clock, in milliseconds */
  constructor(options: {
    client: Pick<ClusterClient, 'create'>;
    now?: () => number;
  }) {
    this.#client = options.client;
    this.#now = options.now ?? (() => performance.now());
  }

  /** @throws ClusterError where the cluster does not say it */
  async mayRead(
    { user, groups, extra }: ClusterUser,
    { namespace, metric }: { namespace: string; metric: string },
  ): Promise<boolean> {
    const key = JSON.stringify([user, groups, extra, namespace, metric]);
    const known = this.#known.get(key);
    if (known && known.untilMillis > this.#now()) return known.allowed;
    const review = await this.#client.create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user,
        groups,
        extra,
        resourceAttributes: {
          group: GROUP,
          resource: metric,
          namespace,
          verb: 'get',
        },
      },
    });
    const allowed = Object(Object(review).status).allowed === true;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, {
      allowed,
      untilMillis: this.#now() + KNOWN_MILLIS,
    });
    return allowed;
  }
}
