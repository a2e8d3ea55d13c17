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

/** One that has not taken a connection by then is not waited for. */
const PATIENCE_MILLIS = 100;
/** How many more connections than another one a process may get, because it is quicker to take them. */
const MORE = { times: 1.25, plus: 1 };

/**
 * Which process gets a connection: of those that are ready, if there are any, the one with the fewest
 * connections, so that a new process soon has its share of the work; of several such, the one that
 * was given none for longest. One that is busy for a moment is waited for rather than passed over again
 * and again, since callers keep their connections.
 *
 * @returns undefined while none is to take it: it waits.
 */
export function chooseTaker<T extends Taker>(
  takers: readonly T[],
  nowMillis: number,
): T | undefined {
  const ready = takers.filter(({ isReady }) => isReady);
  const able = (ready.length > 0 ? ready : takers).filter(
    ({ isFree, lastGivenMillis }) =>
      isFree || nowMillis - lastGivenMillis < PATIENCE_MILLIS,
  );
  const fewest = Math.min(...able.map(({ connections }) => connections));
  return able
    .filter(
      ({ isFree, connections }) =>
        isFree && connections <= fewest * MORE.times + MORE.plus,
    )
    .reduce<T | undefined>(
      (best, taker) => (best && !isBefore(taker, best) ? best : taker),
      undefined,
    );
}

function isBefore(one: Taker, other: Taker): boolean {
  return one.connections === other.connections
    ? one.lastGivenMillis < other.lastGivenMillis
    : one.connections < other.connections;
}
