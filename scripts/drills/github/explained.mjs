// @ts-check
/**
 * Whether a promotion has ended in this phase, and says why.
 *
 * @param {any} promotion
 * @param {string} phase
 * @param {RegExp} [sentence] - what it has to say
 */
export function explained({ state, gates }, phase, sentence = /\S/) {
  const failed = (state.failedGates ?? []).map(
    id => gates.find(gate => gate.id === id)?.summary ?? id,
  );
  const says =
    state.reason ?? state.outcome?.note ?? state.error ?? failed.join(' ');
  return {
    holds: state.phase === phase && sentence.test(says),
    detail: `${state.phase}: ${says}`,
  };
}

/**
 * The same, with what else has to hold.
 *
 * @param {{ holds: boolean, detail: string }} found
 * @param {boolean} condition
 * @param {string} detail
 */
export function and(found, condition, detail) {
  return {
    holds: found.holds && condition,
    detail: `${found.detail} ${condition ? detail : `BUT NOT ${detail}`}`,
  };
}
