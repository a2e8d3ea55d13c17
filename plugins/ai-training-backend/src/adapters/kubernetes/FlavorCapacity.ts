import type { ClusterClient } from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Node } from '@kubernetes/client-node';
import { capacityOf } from './capacityOf';

const ANSWER_MILLIS = 10_000;
const READ_MILLIS = 30_000;
const FORBIDDEN = 403;

/** How many of each flavor the nodes of a cluster have. */
export class FlavorCapacity {
  readonly #client: Pick<ClusterClient, 'pages'>;
  readonly #flavors: readonly Flavor[];
  #known: { atMillis: number; nodes: V1Node[] | undefined } | undefined;

  constructor(options: {
    client: Pick<ClusterClient, 'pages'>;
    flavors: readonly Flavor[];
  }) {
    this.#client = options.client;
    this.#flavors = options.flavors;
  }

  /** By name; undefined where neither the configuration says it, nor the nodes may be read. */
  async read(): Promise<[name: string, capacity: number | undefined][]> {
    const isAsked = this.#flavors.some(
      ({ capacity }) => capacity === undefined,
    );
    const nodes = isAsked ? await this.#nodes() : undefined;
    return this.#flavors.map(flavor => [
      flavor.name,
      flavor.capacity ?? (nodes && capacityOf(flavor, nodes)),
    ]);
  }

  /** Undefined where we may not know them. */
  async #nodes(): Promise<V1Node[] | undefined> {
    const known = this.#known;
    if (known && performance.now() - known.atMillis < READ_MILLIS) {
      return known.nodes;
    }
    let nodes: V1Node[] | undefined = [];
    try {
      const pages = this.#client.pages<V1Node>({
        apiVersion: 'v1',
        kind: 'Node',
        signal: AbortSignal.timeout(ANSWER_MILLIS),
      });
      for await (const page of pages) nodes.push(...page);
    } catch (error) {
      if (Object(error).statusCode !== FORBIDDEN) throw error;
      nodes = undefined;
    }
    this.#known = { atMillis: performance.now(), nodes };
    return nodes;
  }
}
