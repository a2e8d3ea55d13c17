import {
  isWithinNominal,
  shareOf,
  take,
  type FlavorQueue,
  type Pool,
  type Team,
  type Waiting,
} from './flavorQueue';
import { Heap } from './Heap';
import type { QueueDecision, QueueJob } from './queue';
import { Reclaim } from './Reclaim';

interface Turn {
  waiting: Waiting;
  /** What teams are compared by: the least is next. */
  share: number;
  /** Those of its team that come after it. */
  rest: Iterator<Waiting>;
}

/** Who starts now, of one flavor. Its jobs, pools and teams are as after that when it is done. */
export class Turns {
  readonly #flavor: FlavorQueue;
  readonly #hasWaited: (job: QueueJob) => boolean;
  /** Of all teams. */
  readonly #nominal: number;
  readonly #starts: string[] = [];

  /** @param hasWaited - whether others have passed it for long enough */
  constructor(flavor: FlavorQueue, hasWaited: (job: QueueJob) => boolean) {
    this.#flavor = flavor;
    this.#hasWaited = hasWaited;
    this.#nominal = [...flavor.teams.values()].reduce(
      (sum, { nominal }) => sum + nominal,
      0,
    );
  }

  take(): Pick<QueueDecision, 'starts' | 'preemptions'> {
    const reclaim = new Reclaim(this.#flavor);
    this.#takeOwed(reclaim);
    this.#takeBorrowed();
    return { starts: this.#starts, preemptions: reclaim.finish() };
  }

  /** Jobs within what their teams have of their own, those of the team first that uses the least part of it. */
  #takeOwed(reclaim: Reclaim): void {
    this.#inTurn({
      jobsOf: team => this.#owedJobs(team),
      shareOf: team => team.claimed / team.nominal,
      handle: waiting => {
        const { job, pool } = waiting;
        if (job.units <= pool.unkept) {
          this.#start(waiting);
        } else if (reclaim.makeRoom(waiting)) {
          waiting.outcome = 'promised';
          pool.promised.push(waiting);
        } else {
          waiting.outcome = 'no-room';
          pool.isClosed = this.#hasWaited(job);
        }
      },
    });
  }

  /** All others, those of the team first that has borrowed the least by its weight. */
  #takeBorrowed(): void {
    this.#inTurn({
      jobsOf: openJobs,
      shareOf,
      handle: waiting => {
        const { job, pool, team } = waiting;
        if (team.claimed + job.units > team.most) {
          waiting.outcome = 'no-room';
          if (this.#isKeptFor(waiting)) team.closedFrom = waiting;
        } else if (job.units <= pool.unkept) {
          this.#start(waiting);
        } else {
          waiting.outcome = 'no-room';
          pool.isClosed = this.#isKeptFor(waiting);
        }
      },
    });
  }

  /** One job after the other, always the next one of the team that has the least. */
  #inTurn(how: {
    jobsOf: (team: Team) => Iterator<Waiting>;
    shareOf: (team: Team) => number;
    handle: (waiting: Waiting) => void;
  }): void {
    const turns = new Heap<Turn>(
      (a, b) => a.share - b.share || a.waiting.rank - b.waiting.rank,
    );
    const pushNext = (team: Team, rest: Iterator<Waiting>) => {
      const { value: waiting } = rest.next();
      if (waiting) turns.push({ waiting, share: how.shareOf(team), rest });
    };
    for (const team of this.#flavor.teams.values()) {
      pushNext(team, how.jobsOf(team));
    }
    for (let turn = turns.pop(); turn; turn = turns.pop()) {
      const { waiting, rest } = turn;
      // It may have been closed since this one was put in.
      if (!waiting.pool.isClosed) how.handle(waiting);
      pushNext(waiting.team, rest);
    }
  }

  /**
   * Of a team, while it is below its own. An older job beyond that, which has waited, is not passed: a team's small jobs
   * could pass its large one for ever.
   */
  *#owedJobs(team: Team): Iterator<Waiting> {
    const closed = new Set<Pool>();
    for (const waiting of team.waiting) {
      if (team.claimed >= team.nominal) return;
      const { job, pool } = waiting;
      if (pool.isClosed || closed.has(pool)) continue;
      if (isWithinNominal(waiting)) {
        yield waiting;
      } else if (this.#hasWaited(job) && this.#fitsBesideOwners(waiting)) {
        if (team.claimed + job.units > team.most) return;
        closed.add(pool);
      }
    }
  }

  /**
   * Whether a job can start though all other teams use their own. It does not depend on what they use now: what is owed to
   * a team would come and go with what is stopped for it.
   */
  #fitsBesideOwners({ job, pool, team }: Waiting): boolean {
    const ownedByOthers = this.#nominal - team.nominal;
    return job.units <= pool.capacity - ownedByOthers;
  }

  /**
   * Whether something is kept for a job beyond its team's own: not if it has just come, and not where the other teams
   * use so much of their own that it would be kept in vain.
   */
  #isKeptFor({ job, pool, team }: Waiting): boolean {
    if (!this.#hasWaited(job)) return false;
    const ownedByOthers = pool.owned - (pool.ownedBy.get(team) ?? 0);
    return job.units <= pool.capacity - ownedByOthers;
  }

  #start(waiting: Waiting): void {
    const { job, pool, team } = waiting;
    waiting.outcome = 'started';
    take(pool, team, job.units);
    team.used += job.units;
    team.claimed += job.units;
    this.#starts.push(job.id);
  }
}

/**
 * Those of a team that were not looked at, while nothing is kept for one of them. A team that room is being made for does
 * not borrow meanwhile, at another backend: it would not be owed that room any more.
 */
function* openJobs(team: Team): Iterator<Waiting> {
  if (team.claimed > team.used) return;
  for (const waiting of team.waiting) {
    if (team.closedFrom) return;
    if (!waiting.outcome && !waiting.pool.isClosed) yield waiting;
  }
}
