import type { QueueReason } from '@greenroom/plugin-ai-training-common';
import {
  isWithinNominal,
  shareOf,
  type FlavorQueue,
  type Pool,
  type Waiting,
} from './flavorQueue';
import { Heap } from './Heap';
import type { QueueJob } from './queue';

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
 * Why each job of a flavor still waits, by id, after what starts has been decided. Places are counted at each backend:
 * those first for which room is being made; then as they would come if room came for one after the other; at the end those
 * of teams that have as much as they may.
 */
export function giveReasons(flavor: FlavorQueue): Map<string, QueueReason> {
  const reasons = new Map<string, QueueReason>();
  const places = new Map<Pool, number>();
  for (const waiting of inOrder(flavor)) {
    const position = (places.get(waiting.pool) ?? 0) + 1;
    places.set(waiting.pool, position);
    reasons.set(waiting.job.id, describe(waiting, position));
  }
  return reasons;
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
  const turns = new Heap<{
    line: Waiting[];
    index: number;
    claimed: number;
    isOwed: boolean;
    share: number;
  }>(
    (a, b) =>
      Number(b.isOwed) - Number(a.isOwed) ||
      a.share - b.share ||
      a.line[a.index].rank - b.line[b.index].rank,
  );
  const push = (line: Waiting[], index: number, claimed: number) => {
    if (index === line.length) return;
    const { team } = line[index];
    const isOwed = isWithinNominal(line[index], claimed);
    const share = isOwed ? claimed / team.nominal : shareOf(team, claimed);
    turns.push({ line, index, claimed, isOwed, share });
  };
  for (const team of teams.values()) {
    const line: Waiting[] = [];
    let isClosed = false;
    for (const waiting of team.waiting) {
      isClosed ||= waiting === team.closedFrom;
      if (waiting.outcome === 'started' || waiting.outcome === 'promised') {
        continue;
      }
      const isOver = team.used + waiting.job.units > team.most;
      (isClosed || isOver ? last : line).push(waiting);
    }
    push(line, 0, team.claimed);
  }
  for (let turn = turns.pop(); turn; turn = turns.pop()) {
    const { line, index, claimed } = turn;
    order.push(line[index]);
    push(line, index + 1, claimed + line[index].job.units);
  }
  return [...order, ...last.sort((a, b) => a.rank - b.rank)];
}
