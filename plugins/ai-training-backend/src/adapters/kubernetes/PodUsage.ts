import type { ClusterClient } from '@greenroom/cluster-client';
import type { AttemptUsage } from '../../backends/TrainingBackend';
import type { SeenAttempt } from './SeenAttempt';
import { type PodMetrics, usageOf } from './usageOf';

const READ_MILLIS = 15_000;
/** A cluster without metrics is asked again after a while: somebody may install them. */
const NO_METRICS_MILLIS = 10 * 60_000;

/** What pods use, where the cluster measures it. */
export class PodUsage {
  readonly #options: {
    client: Pick<ClusterClient, 'list'>;
    namespace: string;
    selector: string;
  };
  #askMillis = -Infinity;
  #items: PodMetrics[] = [];

  constructor(options: {
    client: Pick<ClusterClient, 'list'>;
    namespace: string;
    selector: string;
  }) {
    this.#options = options;
  }

  /** Of all its programs; undefined where nothing is known. */
  of({ pods }: SeenAttempt): AttemptUsage | undefined {
    const names = pods.flatMap(({ metadata }) => metadata?.name ?? []);
    return usageOf(this.#items, names);
  }

  async read(all: readonly SeenAttempt[]): Promise<void> {
    const isAsked = all.some(seen => seen.observed.state.phase === 'running');
    if (!isAsked || performance.now() < this.#askMillis) return;
    const { client, ...where } = this.#options;
    this.#askMillis = performance.now() + READ_MILLIS;
    try {
      const { items } = await client.list<PodMetrics>({
        apiVersion: 'metrics.k8s.io/v1beta1',
        kind: 'PodMetrics',
        ...where,
      });
      this.#items = items;
    } catch {
      this.#askMillis = performance.now() + NO_METRICS_MILLIS;
      this.#items = [];
    }
  }
}
