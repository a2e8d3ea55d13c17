import {
  compareTexts,
  levelOf,
  teamOf,
  type FlavorQueue,
  type Pool,
  type Waiting,
} from './flavorQueue';
import type { QueueJob } from './queue';

/**
 * Takes units back from those who borrow them.
 *
 * What of a team's jobs is its own: the highest priority first, then the oldest, whatever still fits into its nominal
 * quota. All others are borrowed, also one that is partly within the quota. A team's own jobs are never taken.
 */
export class Reclaim {
  readonly #flavor: FlavorQueue;
  /** Those that may be stopped and are not yet: the first one is the last in the list. */
  readonly #borrowed = new Map<Pool, QueueJob[]>();
  readonly #stopped: { job: QueueJob; pool: Pool; by: string }[] = [];

  constructor(flavor: FlavorQueue) {
    this.#flavor = flavor;
  }

  /** Promises what a job needs and is not free, if stopping jobs or those that can be stopped have as much. */
  makeRoom({ job, pool, team }: Waiting): boolean {
    const missing = job.units - pool.unkept;
    const borrowed = this.#borrowedOf(pool);
    let { coming } = pool;
    const victims: QueueJob[] = [];
    while (coming < missing) {
      const victim = borrowed[borrowed.length - 1 - victims.length];
      if (!victim) return false;
      victims.push(victim);
      coming += victim.units;
    }
    borrowed.length -= victims.length;
    for (const victim of victims) {
      this.#stopped.push({ job: victim, pool, by: job.id });
    }
    pool.unkept = 0;
    pool.coming = coming - missing;
    team.claimed += job.units;
    return true;
  }

  /** What is to be stopped: each of them is needed. */
  finish(): { job: string; by: string }[] {
    // The last ones that were taken are the ones that one would rather keep.
    return this.#stopped
      .reverse()
      .filter(({ job, pool }) => {
        if (job.units > pool.coming) return true;
        pool.coming -= job.units;
        return false;
      })
      .reverse()
      .map(({ job, by }) => ({ job: job.id, by }));
  }

  #borrowedOf(pool: Pool): QueueJob[] {
    if (this.#borrowed.size === 0) this.#findBorrowed();
    return this.#borrowed.get(pool) ?? [];
  }

  #findBorrowed(): void {
    const { active, pools, teams } = this.#flavor;
    for (const pool of pools.values()) this.#borrowed.set(pool, []);
    const own = new Map([...teams.values()].map(team => [team, 0]));
    const inOrder = active
      .filter(job => job.state.phase !== 'stopping')
      .sort(byWorth);
    for (const job of inOrder) {
      const team = teamOf(this.#flavor, job.team);
      const sum = (own.get(team) ?? 0) + job.units;
      if (sum <= team.nominal) {
        own.set(team, sum);
      } else if (job.preemptible) {
        const pool = pools.get(job.backend);
        if (pool) this.#borrowed.get(pool)?.push(job);
      }
    }
  }
}

/** The highest priority first, then the oldest. */
function byWorth(a: QueueJob, b: QueueJob): number {
  return (
    levelOf(b) - levelOf(a) ||
    startedAt(a) - startedAt(b) ||
    a.sequence - b.sequence ||
    compareTexts(a.id, b.id)
  );
}

function startedAt({ state }: QueueJob): number {
  return 'startedAtMillis' in state ? state.startedAtMillis : 0;
}
