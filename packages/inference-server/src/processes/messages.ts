import type { Entrance, Reached } from '../createServer';

/** What the supervisor tells a serving process. */
export type ToProcess =
  /** With the connection itself: somebody has connected. */
  | { type: 'connection'; entrance: Entrance; id: number }
  | { type: 'metrics'; id: number }
  /** Answer to `leaving`: all connections that it gets were sent before. */
  | { type: 'left' }
  | { type: 'stop' };

/** What a serving process tells the supervisor. */
export type FromProcess =
  /** It answers on connections from now on, if only that it is not ready. */
  | { type: 'open' }
  /** It has read nothing of the connection before this. */
  | { type: 'taken'; id: number }
  /** Each wanted model was tried once, or nothing could be had yet. */
  | { type: 'serving'; isReady: boolean }
  | { type: 'alive'; isReady: boolean }
  /** So many of its connections were closed since it said so last. */
  | { type: 'closed'; connections: Record<Entrance, number> }
  | { type: 'metrics'; id: number; page: string }
  /** It wants no more connections. */
  | { type: 'leaving' };

/** What a serving process is given with its start, as JSON in its one operand. */
export interface Assignment {
  /** From 1 on. */
  slot: number;
  reached: Reached;
}
