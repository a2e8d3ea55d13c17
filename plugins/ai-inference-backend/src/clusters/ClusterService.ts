import type { ClusterOverview } from '@greenroom/plugin-ai-inference-common';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import { type NamedCluster, readCluster } from './ClusterReader';

/** Pages that are open ask all the time. */
const KEPT_MILLIS = 15_000;

interface Known {
  overview: Promise<ClusterOverview>;
  /** Undefined while it is being found out. */
  untilMillis: number | undefined;
}

/** What the clusters have that environments name: asked once for all who look, and kept for some seconds. */
export class ClusterService {
  readonly #clusters: readonly NamedCluster[];
  readonly #flavors: readonly Flavor[];
  readonly #nowMillis: () => number;
  readonly #known = new Map<NamedCluster, Known>();

  constructor(options: {
    clusters: readonly NamedCluster[];
    flavors: readonly Flavor[];
    /** Of a clock that only goes on. */
    nowMillis?: () => number;
  }) {
    this.#clusters = options.clusters;
    this.#flavors = options.flavors;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /** In the order of the environments that name them. */
  async list(): Promise<ClusterOverview[]> {
    return Promise.all(this.#clusters.map(cluster => this.#get(cluster)));
  }

  #get(cluster: NamedCluster): Promise<ClusterOverview> {
    const known = this.#known.get(cluster);
    const isFresh =
      known &&
      (known.untilMillis === undefined ||
        this.#nowMillis() < known.untilMillis);
    if (isFresh) return known.overview;
    const overview = readCluster(cluster, this.#flavors);
    const next: Known = { overview, untilMillis: undefined };
    this.#known.set(cluster, next);
    // What cannot be read is said in the overview: this rejects for what is not foreseen alone.
    const end = () => {
      next.untilMillis = this.#nowMillis() + KEPT_MILLIS;
    };
    overview.then(end, end);
    return overview;
  }
}
