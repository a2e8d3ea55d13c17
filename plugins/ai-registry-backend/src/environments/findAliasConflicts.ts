/** Names under which callers may ask for a model of an environment besides its own. */
export interface AliasClaim {
  environment: string;
  model: string;
  aliases: readonly string[];
}

/**
 * Which manifests claim an alias that is no other model's to give: one that is the name of a model
 * with a manifest in the environment, or another model's alias there. Of several that claim one,
 * it belongs to the model that has it already, or else to the first by name.
 *
 * @param claims - of the manifests that can be applied
 * @param held - what is in force
 * @param models - all that have a manifest, whether it can be applied or not
 * @returns a sentence for each manifest that is refused, by {@link placeKey}
 */
export function findAliasConflicts(options: {
  claims: readonly AliasClaim[];
  held: readonly AliasClaim[];
  models: readonly Omit<AliasClaim, 'aliases'>[];
}): Map<string, string> {
  const { claims, held, models } = options;
  const names = new Set(models.map(placeKey));
  const present = held.filter(claim => names.has(placeKey(claim)));
  const refused = new Map<string, string>();
  // What is refused goes on as it was, with the aliases that it had: others may not have those.
  for (let before = -1; before < refused.size; ) {
    before = refused.size;
    const standing = claims.filter(claim => !refused.has(placeKey(claim)));
    const replaced = new Set(standing.map(placeKey));
    const staying = present.filter(claim => !replaced.has(placeKey(claim)));
    const owners = findOwners({ standing, staying, held: present });
    for (const claim of standing) {
      const error = explain(claim, { names, owners });
      if (error !== undefined) refused.set(placeKey(claim), error);
    }
  }
  return refused;
}

export function placeKey(place: {
  environment: string;
  model: string;
}): string {
  return `${place.environment}/${place.model}`;
}

/** Model of each alias, by environment and alias. */
function findOwners(options: {
  standing: readonly AliasClaim[];
  staying: readonly AliasClaim[];
  held: readonly AliasClaim[];
}): Map<string, string> {
  const { standing, staying, held } = options;
  const heldAlready = new Set(
    held.flatMap(claim => claim.aliases.map(alias => heldKey(claim, alias))),
  );
  const rank = (claim: AliasClaim, alias: string) => {
    if (staying.includes(claim)) return 0;
    return heldAlready.has(heldKey(claim, alias)) ? 1 : 2;
  };
  const best = new Map<string, { model: string; rank: number }>();
  for (const claim of [...staying, ...standing]) {
    for (const alias of claim.aliases) {
      const key = `${claim.environment} ${alias}`;
      const mine = { model: claim.model, rank: rank(claim, alias) };
      const other = best.get(key);
      const isBetter =
        other === undefined ||
        mine.rank < other.rank ||
        (mine.rank === other.rank && mine.model < other.model);
      if (isBetter) best.set(key, mine);
    }
  }
  return new Map([...best].map(([key, { model }]) => [key, model]));
}

function heldKey({ environment, model }: AliasClaim, alias: string): string {
  return `${environment} ${alias} ${model}`;
}

function explain(
  { environment, model, aliases }: AliasClaim,
  taken: { names: ReadonlySet<string>; owners: ReadonlyMap<string, string> },
): string | undefined {
  for (const [index, alias] of aliases.entries()) {
    const field = `spec.languageModel.aliases.${index}`;
    if (taken.names.has(placeKey({ environment, model: alias }))) {
      return `${field}: '${alias}' is the name of a model in ${environment}: choose another alias`;
    }
    const owner = taken.owners.get(`${environment} ${alias}`);
    if (owner !== undefined && owner !== model) {
      return `${field}: '${alias}' is an alias of '${owner}' in ${environment}: choose another one, or take it away there first`;
    }
  }
  return undefined;
}
