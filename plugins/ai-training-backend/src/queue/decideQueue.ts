import type { QueueReason } from '@greenroom/plugin-ai-training-common';
import { layOut, sortJobs, teamOf } from './flavorQueue';
import { findObstacle, giveReasons } from './giveReasons';
import type {
  QueueCapacity,
  QueueDecision,
  QueueJob,
  QueueSettings,
  TeamQuota,
} from './queue';
import { Turns } from './Turns';

/**
 * Which queued jobs start now, which running ones are stopped for others, and why each of the rest waits.
 *
 * Each flavor is a market of its own: all teams lend what they do not use of it, and jobs ask for one flavor only, so a
 * team's dominant share (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011) is what it has of that flavor beyond its
 * own. The words and most rules are those of Kueue, `nominalQuota`, `borrowingLimit`, `fairSharing.weight` and
 * `reclaimWithinCohort: Any` (https://kueue.sigs.k8s.io/docs/concepts/preemption and .../concepts/cluster_queue).
 *
 * 1. Jobs within their team's own quota come first, of teams that use the least part of theirs; then all others, of teams
 *    that have borrowed the least by their weight. In a team priority decides, and then the time of submission; a level
 *    of priority is worth `millisPerPriority` of waiting.
 * 2. A job that does not fit is passed by those that do, until it has waited for `reserveAfterMillis`. From then on, what
 *    is free at its backend is kept for it when its turn comes, and what is left of its team's quota if that is what it lacks:
 *    its turn is only over when it starts. Beyond its team's own it keeps nothing while the other teams use so much of
 *    their own that it could not start if all borrowers ended.
 * 3. A job within its team's own quota that does not fit takes back what others borrow (see `Reclaim`): the lowest
 *    priority first, then what started last; none that could be spared, and none at all if it would not be enough. What
 *    stopping jobs will leave is counted, and all of it is kept for the job until it starts.
 * 4. A job that is more than there is, or than its team may ever have, says so and holds nobody up.
 *
 * So a job whose turn it is starts at the latest when `reserveAfterMillis` are over and the jobs that run then have ended; one
 * with n jobs before it waits at most n + 1 times as long. Those that come later and are of a team with less go before it, and
 * those are stopped for that only ever borrow.
 *
 * Where nobody knows the capacity, the sum of all nominal quotas of the flavor stands for it; without any there is no
 * bound. A capacity that shrinks below what runs stops nothing by itself: the backend knows better what it can keep.
 *
 * The same input in any order gives the same decision.
 *
 * @param options.jobs - those that wait and may start, and all that have units; jobs that wait for something else (a pause,
 *   money, a backend that is away) are left out
 * @param options.quotas - one for each team and flavor at most; a team without one has nothing of its own, may
 *   borrow everything, and weighs 1
 */
export function decideQueue(options: {
  nowMillis: number;
  jobs: readonly QueueJob[];
  quotas: readonly TeamQuota[];
  capacity: QueueCapacity;
  settings: QueueSettings;
}): QueueDecision {
  const { nowMillis, settings } = options;
  const { flavors, queued } = layOut(options);
  const reasons = new Map<string, QueueReason>();
  sortJobs(queued, settings).forEach((job, rank) => {
    const flavor = flavors.get(job.flavor)!;
    const obstacle = findObstacle(job, flavor);
    if (obstacle) {
      reasons.set(job.id, obstacle);
      return;
    }
    const team = teamOf(flavor, job.team);
    const pool = flavor.pools.get(job.backend)!;
    team.waiting.push({ job, pool, team, rank });
  });
  const starts: string[] = [];
  const preemptions: QueueDecision['preemptions'] = [];
  const hasWaited = (job: QueueJob) =>
    nowMillis - job.submittedAtMillis >= settings.reserveAfterMillis;
  for (const name of [...flavors.keys()].sort()) {
    const flavor = flavors.get(name)!;
    const taken = new Turns(flavor, hasWaited).take();
    starts.push(...taken.starts);
    preemptions.push(...taken.preemptions);
    giveReasons(flavor, reasons);
  }
  return { starts, preemptions, reasons };
}
