/** What one process of a data plane has used and may use of a key's day. */
export interface HeldTokens {
  producer: string;
  used: number;
  /** Those that it has used are among them. */
  held: number;
}

/**
 * How much of a key's day a data plane may use, those that it has used among them: what is left is
 * divided into as many parts as there are data planes. Nobody gets what another one may still use,
 * so that all of them together use no more than the limit; a part that is too large shrinks with
 * the next report of who holds it.
 *
 * @param limit - tokens of the day
 * @param held - of all that have told or were told
 * @param live - data planes that are counted on; the one that asks is among them
 */
export function divideDay(options: {
  limit: number;
  held: readonly HeldTokens[];
  producer: string;
  live: ReadonlySet<string>;
}): number {
  const { limit, held, producer, live } = options;
  const others = held.filter(one => one.producer !== producer);
  const mine = held.find(one => one.producer === producer)?.used ?? 0;
  const usedByAll = others.reduce((sum, { used }) => sum + used, mine);
  const told = new Set(held.map(one => one.producer));
  // Whoever was told nothing of the key takes one of as many equal parts.
  const silent = [...live].filter(one => one !== producer && !told.has(one));
  const heldByOthers = others.reduce(
    (sum, one) =>
      // One that is gone uses no more.
      sum + (live.has(one.producer) ? Math.max(one.used, one.held) : one.used),
    silent.length * Math.floor(limit / live.size),
  );
  const part = Math.floor((limit - usedByAll) / live.size);
  const left = limit - heldByOthers - mine;
  return mine + Math.max(0, Math.min(part, left));
}
