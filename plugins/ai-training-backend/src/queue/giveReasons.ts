import type { QueueReason } from '@greenroom/plugin-ai-training-common';
import {
  isWithinNominal,
  shareOf,
  type FlavorQueue,
  type Waiting,
} from './flavorQueue';
import { Heap } from './Heap';
import type { QueueJob } from './queue';

/** The jobs of a team that wait, while they are put in order. */
interface Line {
  jobs: Waiting[];
  /** Index of the next one. */
  next: number;
  /** What the team would have if those before it had started. */
  claimed: number;
  isOwed: boolean;
  share: number;
}

/** Undefined for a job that can start some time. */
export function findObstacle(
  job: QueueJob,
  { pools, teams }: FlavorQueue,
): QueueReason | undefined {
  const pool = pools.get(job.backend);
  if (!pool) return { kind: 'no-flavor', flavor: job.flavor };
  const ofTeam = teams.get(job.team)?.most ?? Infinity;
  const most = Math.min(pool.capacity, ofTeam);
  if (job.units <= most) return undefined;
  return {
    kind: 'never-fits',
    flavor: job.flavor,
    needs: job.units,
    most,
    limit: pool.isByQuota || ofTeam < pool.capacity ? 'quota' : 'capacity',
  };
}

/**
 * Adds to `reasons`, by id, why each job of a flavor still waits, after what starts has been decided. Places are counted at each backend:
 * those first for which room is being made; then as they would come if room came for one after the other; at the end those
 * of teams that have as much as they may.
 */
export function giveReasons(
  flavor: FlavorQueue,
  reasons: Map<string, QueueReason>,
): void {
  for (const waiting of inOrder(flavor)) {
    const { job, pool } = waiting;
    pool.places++;
    reasons.set(job.id, describe(waiting, pool.places));
  }
}

function describe({ job, pool, team }: Waiting, position: number): QueueReason {
  const { flavor, units: needs, state } = job;
  const { used, most } = team;
  if (used + needs > most) {
    return {
      kind: 'over-quota',
      flavor,
      team: job.team,
      needs,
      used,
      most,
      position,
    };
  }
  if (state.phase === 'queued' && state.preemptedBy !== undefined) {
    return { kind: 'preempted', by: state.preemptedBy, position };
  }
  const free = Math.max(0, pool.free);
  if (position === 1 && needs > free) {
    return { kind: 'no-capacity', flavor, needs, free, position };
  }
  return { kind: 'behind-others', position, flavor };
}

function inOrder({ pools, teams }: FlavorQueue): Waiting[] {
  const order = [...pools.values()].flatMap(pool => pool.promised);
  const last: Waiting[] = [];
  const turns = new Heap<Line>(
    (a, b) =>
      Number(b.isOwed) - Number(a.isOwed) ||
      a.share - b.share ||
      a.jobs[a.next].rank - b.jobs[b.next].rank,
  );
  const push = (line: Line) => {
    const { jobs, next, claimed } = line;
    if (next === jobs.length) return;
    const { team } = jobs[next];
    line.isOwed = isWithinNominal(jobs[next], claimed);
    line.share = line.isOwed ? claimed / team.nominal : shareOf(team, claimed);
    turns.push(line);
  };
  for (const team of teams.values()) {
    const jobs: Waiting[] = [];
    let isClosed = false;
    for (const waiting of team.waiting) {
      isClosed ||= waiting === team.closedFrom;
      if (waiting.outcome === 'started' || waiting.outcome === 'promised') {
        continue;
      }
      const isOver = team.used + waiting.job.units > team.most;
      (isClosed || isOver ? last : jobs).push(waiting);
    }
    push({ jobs, next: 0, claimed: team.claimed, isOwed: false, share: 0 });
  }
  for (let line = turns.pop(); line; line = turns.pop()) {
    const waiting = line.jobs[line.next];
    order.push(waiting);
    line.next++;
    line.claimed += waiting.job.units;
    push(line);
  }
  return [...order, ...last.sort((a, b) => a.rank - b.rank)];
}
