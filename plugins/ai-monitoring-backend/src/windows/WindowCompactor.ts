import type { WindowSeconds } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';
import { mergeContents, type Window, windowStart } from './window';
import type { WindowStore } from './WindowStore';
import { againAfterDeadlock } from './againAfterDeadlock';

/** How long windows of each length are kept before they merge into the next one, or go. */
export interface Retention {
  tenSecondsMillis: number;
  minuteMillis: number;
  hourMillis: number;
}

const WINDOWS_A_TRANSACTION = 500;
const WINDOWS_A_DELETE = 5_000;

/**
 * Merges windows into longer ones as they age, and removes the oldest.
 *
 * What is too old is deleted by an index as each hour ages, a window for each version that had
 * traffic in it: too little for partitions by month, which short windows would leave again and
 * again anyway as they merge.
 *
 * Taking the short ones out and adding the long one is one transaction: no count is lost or
 * doubled, whoever else works on the table and whenever this is killed.
 */
export class WindowCompactor {
  readonly #knex: Knex;
  readonly #windows: WindowStore;
  readonly #retention: Retention;
  readonly #clock: () => Date;

  constructor(options: {
    knex: Knex;
    windows: WindowStore;
    retention: Retention;
    clock: () => Date;
  }) {
    this.#knex = options.knex;
    this.#windows = options.windows;
    this.#retention = options.retention;
    this.#clock = options.clock;
  }

  async run(signal: AbortSignal): Promise<void> {
    const nowMillis = this.#clock().getTime();
    const { tenSecondsMillis, minuteMillis, hourMillis } = this.#retention;
    await this.#mergeUp({
      from: 10,
      to: 60,
      beforeMillis: nowMillis - tenSecondsMillis,
      signal,
    });
    await this.#mergeUp({
      from: 60,
      to: 3_600,
      beforeMillis: nowMillis - minuteMillis,
      signal,
    });
    let removed = WINDOWS_A_DELETE;
    while (removed === WINDOWS_A_DELETE && !signal.aborted) {
      removed = await this.#windows.removeBefore({
        windowSeconds: 3_600,
        beforeMillis: nowMillis - hourMillis,
        limit: WINDOWS_A_DELETE,
      });
    }
  }

  async #mergeUp(options: {
    from: WindowSeconds;
    to: WindowSeconds;
    beforeMillis: number;
    signal: AbortSignal;
  }): Promise<void> {
    const { from, to, signal } = options;
    // Only whole longer windows are merged, so that a range has one resolution.
    const beforeMillis = windowStart(options.beforeMillis, to);
    let taken = WINDOWS_A_TRANSACTION;
    while (taken === WINDOWS_A_TRANSACTION && !signal.aborted) {
      taken = await againAfterDeadlock(() =>
        this.#knex.transaction(async tx => {
          await this.#windows.lock(tx, { alone: false });
          const windows = await this.#windows.take(tx, {
            windowSeconds: from,
            beforeMillis,
            limit: WINDOWS_A_TRANSACTION,
          });
          await this.#windows.add(tx, mergeWindows(windows, to));
          return windows.length;
        }),
      );
    }
  }
}

/** The same records in windows of another, longer length. */
export function mergeWindows(
  windows: Window[],
  windowSeconds: WindowSeconds,
): Window[] {
  const merged = new Map<string, Window>();
  for (const window of windows) {
    const startMillis = windowStart(window.startMillis, windowSeconds);
    const { environment, model, version } = window;
    const key = [environment, model, version, startMillis].join('/');
    const before = merged.get(key);
    merged.set(key, {
      ...window,
      ...(before && mergeContents(before, window)),
      windowSeconds,
      startMillis,
    });
  }
  return [...merged.values()];
}
