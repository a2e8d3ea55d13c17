import { NotFoundError, toError } from '@backstage/errors';
import type {
  Leftover,
  LeftoverList,
  LeftoverRemoval,
} from '@greenroom/plugin-ai-inference-common';
import type { KubernetesObject } from '@kubernetes/client-node';
import {
  type ClusterClient,
  ClusterError,
  type NamedObject,
} from '@greenroom/cluster-client';
import type { TokenLender } from './LentToken';
import { MODEL_SERVER_LABEL } from './modelServer/WantedModelServer';
import {
  ENVIRONMENT_LABEL,
  KINDS,
  OPTIONAL_KINDS,
  selectorOf,
  TOKEN_ANNOTATION,
} from './objects';

const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** A namespace that environments have their data planes in. */
export interface ClusterPlace {
  /** Undefined for the cluster that the control plane runs in. */
  cluster: string | undefined;
  namespace: string;
  environments: readonly string[];
  /** Names of the model servers that they have, by environment. */
  modelServers: ReadonlyMap<string, readonly string[]>;
  client: Pick<ClusterClient, 'list' | 'remove'>;
}

interface Found {
  leftover: Leftover;
  object: NamedObject;
  client: ClusterPlace['client'];
}

/**
 * What this portal has made in clusters for environments that are not there any more: the setting
 * was taken away, or names another place now. Nothing of it is removed by itself, since a setting
 * may also be wrong.
 */
export class ClusterLeftovers {
  readonly #places: readonly ClusterPlace[];
  readonly #installation: string;
  readonly #tokens: Pick<TokenLender, 'takeBack'>;

  constructor(options: {
    places: readonly ClusterPlace[];
    installation: string;
    tokens: Pick<TokenLender, 'takeBack'>;
  }) {
    this.#places = options.places;
    this.#installation = options.installation;
    this.#tokens = options.tokens;
  }

  /** A place that cannot be looked at hides nothing of the others. */
  async list(): Promise<LeftoverList> {
    const { found, unseen } = await this.#find();
    return { items: found.map(({ leftover }) => leftover), unseen };
  }

  /**
   * Removes what is named, or only finds out whether it would be.
   *
   * @throws NotFoundError where one of them is no leftover of the environment
   */
  async remove(request: {
    environment: string;
    ids: readonly string[];
    dryRun: boolean;
  }): Promise<LeftoverRemoval> {
    const { environment, dryRun } = request;
    const { found } = await this.#find();
    const chosen = request.ids.map(id => {
      const one = found.find(
        ({ leftover }) =>
          leftover.id === id && leftover.environment === environment,
      );
      if (one) return one;
      throw new NotFoundError(
        `'${id}' is no leftover of ${environment}: list them anew`,
      );
    });
    const removal: LeftoverRemoval = { dryRun, removed: [], failed: [] };
    for (const { leftover, object, client } of chosen) {
      try {
        await client.remove(object, { dryRun, uid: leftover.id });
        const token = tokenOf(object);
        if (token && !dryRun) await this.#tokens.takeBack(token);
        removal.removed.push(leftover);
      } catch (error) {
        const reason = toError(error).message;
        removal.failed.push({ ...leftover, reason });
      }
    }
    return removal;
  }

  async #find(): Promise<{
    found: Found[];
    unseen: LeftoverList['unseen'];
  }> {
    const found: Found[] = [];
    const unseen: LeftoverList['unseen'] = [];
    const unseenPlaces: ClusterPlace[] = [];
    const wanted = new Set<string>();
    await Promise.all(
      this.#places.map(async place => {
        const { cluster, namespace } = place;
        try {
          found.push(...(await this.#findIn(place, wanted)));
        } catch (error) {
          const reason = toError(error).message;
          unseenPlaces.push(place);
          unseen.push({ ...(cluster && { cluster }), namespace, reason });
        }
      }),
    );
    // A cluster may have two names here: what one of them wants is no leftover under the other one.
    const isLeft = ({ leftover: { id, namespace, environment } }: Found) =>
      !wanted.has(id) &&
      !unseenPlaces.some(
        place =>
          place.namespace === namespace &&
          place.environments.includes(environment),
      );
    return { found: found.filter(isLeft), unseen };
  }

  /** What a portal may not ask for it has not made, where it is a kind that it can do without. */
  async #listKind(
    { client, namespace }: ClusterPlace,
    { apiVersion, kind }: { apiVersion: string; kind: string },
  ): Promise<KubernetesObject[]> {
    try {
      const selector = selectorOf(this.#installation);
      const listed = { apiVersion, kind, namespace, selector };
      return (await client.list(listed)).items;
    } catch (error) {
      const isOptional = OPTIONAL_KINDS.some(one => one.kind === kind);
      const isHidden =
        error instanceof ClusterError &&
        (error.statusCode === FORBIDDEN || error.statusCode === NOT_FOUND);
      if (isOptional && isHidden) return [];
      throw error;
    }
  }

  /** @param wanted - takes the uids of what environments of the place want */
  async #findIn(place: ClusterPlace, wanted: Set<string>): Promise<Found[]> {
    const { client, namespace } = place;
    const found: Found[] = [];
    // In the order in which they are removed: what runs before what it needs.
    for (const { apiVersion, kind } of [...OPTIONAL_KINDS, ...KINDS]) {
      const items = await this.#listKind(place, { apiVersion, kind });
      for (const item of items) {
        const { uid, labels } = item.metadata ?? {};
        if (uid && isWanted(labels, place)) wanted.add(uid);
        const leftover = leftoverOf({ apiVersion, kind }, item, place);
        if (!leftover) continue;
        const { name } = leftover;
        const { annotations } = item.metadata ?? {};
        const metadata = { name, namespace, annotations };
        found.push({
          leftover,
          client,
          object: { apiVersion, kind, metadata },
        });
      }
    }
    return found;
  }
}

/** Undefined where an environment wants it, or it is about to go. */
export function leftoverOf(
  { kind }: { apiVersion: string; kind: string },
  { metadata }: KubernetesObject,
  place: Pick<
    ClusterPlace,
    'cluster' | 'namespace' | 'environments' | 'modelServers'
  >,
): Leftover | undefined {
  const { cluster, namespace } = place;
  const environment = metadata?.labels?.[ENVIRONMENT_LABEL];
  const { uid, name, creationTimestamp, deletionTimestamp } = metadata ?? {};
  if (!environment || !uid || !name || deletionTimestamp) return undefined;
  if (isWanted(metadata?.labels, place)) return undefined;
  return {
    id: uid,
    ...(cluster !== undefined && { cluster }),
    namespace,
    environment,
    kind,
    name,
    ...(creationTimestamp && {
      createdAt: new Date(creationTimestamp).toISOString(),
    }),
  };
}

/** Whether an environment of the place wants it, and, of a model server, has that. */
function isWanted(
  labels: Record<string, string> | undefined,
  {
    environments,
    modelServers,
  }: Pick<ClusterPlace, 'environments' | 'modelServers'>,
): boolean {
  const environment = labels?.[ENVIRONMENT_LABEL];
  const server = labels?.[MODEL_SERVER_LABEL];
  if (environment === undefined) return false;
  return server === undefined
    ? environments.includes(environment)
    : modelServers.get(environment)?.includes(server) ?? false;
}

function tokenOf({ kind, metadata }: NamedObject): string | undefined {
  const { annotations } = Object(metadata);
  return kind === 'Secret' ? annotations?.[TOKEN_ANNOTATION] : undefined;
}
