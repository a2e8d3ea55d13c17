/** A model that takes memory. */
export interface Tenant {
  /** Estimated. */
  bytes: number;
  /** Higher for one that was used later. */
  lastUsed: number;
  /**
   * - `in-use`: requests need it; it can leave when those are answered.
   * - `fixed`: it cannot leave now, as while it is on its way.
   * - `leaving`: its memory will be free in a moment.
   */
  state: 'idle' | 'in-use' | 'fixed' | 'leaving';
}

/** Numbers of tenants that are to leave, and whether there is room right now. */
export interface Choice {
  fits: boolean;
  unload: number[];
}

/**
 * Decides which models leave memory for another one: idle ones, those that were not used for longest
 * first, then, where it is urgent, ones in use in the same order, and none where all of them would not do. A model that is larger than the whole budget has
 * room when it is alone.
 */
export function chooseToUnload(options: {
  tenants: readonly Tenant[];
  /** Of the model that is to come. */
  neededBytes: number;
  /** 0 for no bound. */
  budgetBytes: number;
  /** Whether those leave too that are in use, as soon as what they do is done. */
  isUrgent: boolean;
}): Choice {
  const { tenants, neededBytes, budgetBytes, isUrgent } = options;
  const has = (used: number, left: number) =>
    budgetBytes === 0 || left === 0 || used + neededBytes <= budgetBytes;
  let used = 0;
  let left = tenants.length;
  for (const { bytes } of tenants) used += bytes;
  if (has(used, left)) return { fits: true, unload: [] };
  for (const { bytes, state } of tenants) {
    if (state !== 'leaving') continue;
    used -= bytes;
    left--;
  }
  const inState = (wanted: Tenant['state']) =>
    tenants
      .flatMap(({ state }, number) => (state === wanted ? number : []))
      .sort((a, b) => tenants[a].lastUsed - tenants[b].lastUsed);
  const candidates = inState('idle');
  if (isUrgent) candidates.push(...inState('in-use'));
  const unload: number[] = [];
  for (const number of candidates) {
    if (has(used, left)) break;
    used -= tenants[number].bytes;
    left--;
    unload.push(number);
  }
  return { fits: false, unload: has(used, left) ? unload : [] };
}
