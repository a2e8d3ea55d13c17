import type { Entrance } from '../createServer';

/** Connections may come and go a thousand times a second: they are told of together. */
const GATHER_MILLIS = 20;

/** Counts connections that were closed, and tells of them soon. */
export class ClosedCount {
  readonly #tell: (connections: Record<Entrance, number>) => void;
  #connections: Record<Entrance, number> = { http: 0, grpc: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (connections: Record<Entrance, number>) => void) {
    this.#tell = tell;
  }

  add(entrance: Entrance): void {
    this.#connections[entrance] += 1;
    this.#timer ??= setTimeout(() => {
      const connections = this.#connections;
      this.#connections = { http: 0, grpc: 0 };
      this.#timer = undefined;
      this.#tell(connections);
    }, GATHER_MILLIS);
  }
}
