/** A serving process that could be given a connection. */
export interface Taker {
  /** Whether it serves; others answer only that they are not ready. */
  isReady: boolean;
  /** Whether it has taken what it was given last: one that hangs has not. */
  isFree: boolean;
  /** Connections that it has, as far as is known. */
  connections: number;
  /** When it was given one last, by the monotonic clock. */
  lastGivenMillis: number;
}

/**
 * Which process gets a connection: of those that are ready, if there are any, the one with the fewest
 * connections, so that a new process soon has its share of the work; of several such, the one that
 * was given none for longest.
 *
 * @returns undefined while none can take it: it waits.
 */
export function chooseTaker<T extends Taker>(
  takers: readonly T[],
): T | undefined {
  const ready = takers.filter(({ isReady }) => isReady);
  const [first, ...others] = (ready.length > 0 ? ready : takers).filter(
    ({ isFree }) => isFree,
  );
  return others.reduce<T | undefined>(
    (best, taker) => (best && isBefore(taker, best) ? taker : best),
    first,
  );
}

function isBefore(one: Taker, other: Taker): boolean {
  return one.connections === other.connections
    ? one.lastGivenMillis < other.lastGivenMillis
    : one.connections < other.connections;
}
