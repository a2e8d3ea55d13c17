import {
  ServedRoute,
  type PendingVersion,
  type RouteFacts,
  type ServedVariant,
} from './ServedRoute';
import type { ServedVersion } from './ServedVersion';
import type { WantedRoute, WantedVariant } from './WantedRoute';

/** What can be asked for at one moment. Replaced as a whole, never changed. */
export class ServingTable {
  /** By model name. A model whose versions are still loading has a route without versions. */
  readonly routes: ReadonlyMap<string, ServedRoute>;
  /** Model names by the other names under which callers may ask for them. */
  readonly aliases: ReadonlyMap<string, string>;

  constructor(
    routes: ReadonlyMap<string, ServedRoute>,
    aliases: ReadonlyMap<string, string> = new Map(),
  ) {
    this.routes = routes;
    this.aliases = aliases;
  }

  /** The model that is meant by a name, which may be an alias of it. */
  nameOf(name: string): string {
    return this.routes.has(name) ? name : this.aliases.get(name) ?? name;
  }

  /** The other names of a model, sorted. */
  aliasesOf(model: string): string[] {
    return [...this.aliases]
      .flatMap(([alias, name]) => (name === model ? alias : []))
      .sort();
  }
}

export const EMPTY_SERVING_TABLE = new ServingTable(new Map());

/**
 * Decides what serves while versions come and go.
 *
 * Of each wanted route the versions that are loaded share the traffic by their weights.
 * Where none of those with a weight is loaded, what served before goes on: a version that
 * is broken or still on its way takes no traffic from one that works.
 *
 * @param find - the loaded version for a variant, if there is one
 */
export function composeServingTable(options: {
  wanted: readonly WantedRoute[];
  find(route: WantedRoute, variant: WantedVariant): ServedVersion | undefined;
  /** Why the last attempt to load a variant failed; undefined when there was none. */
  errorOf(route: WantedRoute, variant: WantedVariant): string | undefined;
  previous: ServingTable;
}): ServingTable {
  const { wanted, find, errorOf, previous } = options;
  const routes = new Map<string, ServedRoute>();
  for (const route of wanted) {
    const variants: ServedVariant[] = [];
    const pending: PendingVersion[] = [];
    for (const variant of route.variants) {
      const { version, weightPercent } = variant;
      const served = find(route, variant);
      if (served) variants.push({ served, weightPercent });
      else {
        const error = errorOf(route, variant);
        pending.push({ version, weightPercent, error });
      }
    }
    const weighted = variants.some(variant => variant.weightPercent > 0);
    const before = previous.routes.get(route.model);
    let facts: RouteFacts = route;
    const old = before?.variants.filter(({ served }) => !served.trouble) ?? [];
    if (!weighted && before?.ready && old.some(v => v.weightPercent > 0)) {
      const news = variants.filter(v => !before.find(v.served.version));
      variants.splice(0, variants.length, ...old, ...news);
      // What answers are not the versions that are compared.
      facts = { ...route, comparison: undefined };
    }
    routes.set(
      route.model,
      new ServedRoute({ route: facts, variants, pending }),
    );
  }
  return new ServingTable(routes, findAliases(wanted));
}

/**
 * Names of models win, then the first model by name: what two manifests of one environment claim
 * is refused before it comes here, and here for a moment at most.
 */
function findAliases(wanted: readonly WantedRoute[]): Map<string, string> {
  const names = new Set(wanted.map(({ model }) => model));
  const aliases = new Map<string, string>();
  const sorted = [...wanted].sort((a, b) => (a.model < b.model ? -1 : 1));
  for (const { model, languageModel } of sorted) {
    for (const alias of languageModel?.aliases ?? []) {
      if (!names.has(alias) && !aliases.has(alias)) aliases.set(alias, model);
    }
  }
  return aliases;
}

/** Every version that a table may send a request to. */
export function versionsInTable(table: ServingTable): Set<ServedVersion> {
  const versions = new Set<ServedVersion>();
  for (const route of table.routes.values()) {
    for (const served of route.versions) versions.add(served);
  }
  return versions;
}
