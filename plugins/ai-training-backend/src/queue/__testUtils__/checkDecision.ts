import type {
  QueueCapacity,
  QueueDecision,
  QueueJob,
  QueueSettings,
  TeamQuota,
} from '../queue';

interface Input {
  nowMillis: number;
  jobs: readonly QueueJob[];
  quotas: readonly TeamQuota[];
  capacity: QueueCapacity;
  settings: QueueSettings;
}

/**
 * What holds for any decision, said without the words of what decides: by sums over the jobs before and after.
 *
 * @throws Error that says what does not hold
 */
export function checkDecision(input: Input, decision: QueueDecision): void {
  checkReasons(input, decision);
  checkLimits(input, decision);
  checkNoneIsIdle(input, decision);
  checkPreemptions(input, decision);
}

export function sumOf(jobs: readonly QueueJob[]): number {
  return jobs.reduce((sum, { units }) => sum + units, 0);
}

const isActive = (job: QueueJob) => job.state.phase !== 'queued';
const isSamePool = (a: QueueJob, b: QueueJob) =>
  a.backend === b.backend && a.flavor === b.flavor;
const isSameTeam = (a: QueueJob, b: QueueJob) =>
  a.team === b.team && a.flavor === b.flavor;

/** Nominal, and most that may be used. */
function limitsOf({ quotas }: Input, job: QueueJob) {
  const quota = quotas.find(
    ({ team, flavor }) => team === job.team && flavor === job.flavor,
  );
  const nominal = quota?.nominal ?? 0;
  return { nominal, most: nominal + (quota?.borrow ?? Infinity) };
}

/** -1 where the backend does not have the flavor. */
function capacityOf({ capacity, quotas }: Input, job: QueueJob): number {
  const flavors = capacity.get(job.backend);
  if (!flavors?.has(job.flavor)) return -1;
  const nominal = quotas
    .filter(({ flavor }) => flavor === job.flavor)
    .reduce((sum, quota) => sum + quota.nominal, 0);
  return flavors.get(job.flavor) ?? (nominal || Infinity);
}

function ensure(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

function checkReasons({ jobs }: Input, { starts, reasons }: QueueDecision) {
  const queued = jobs.filter(job => !isActive(job)).map(({ id }) => id);
  const told = [...starts, ...reasons.keys()];
  ensure(
    told.length === new Set(told).size &&
      told.length === queued.length &&
      queued.every(id => starts.includes(id) || reasons.has(id)),
    'each queued job starts or has one reason, and no other job has',
  );
  const places = new Map<string, number[]>();
  for (const job of jobs) {
    const reason = reasons.get(job.id);
    if (!reason || !('position' in reason)) continue;
    const pool = `${job.backend}/${job.flavor}`;
    places.set(pool, [...(places.get(pool) ?? []), reason.position!]);
  }
  for (const [pool, taken] of places) {
    ensure(
      taken.sort((a, b) => a - b).every((place, index) => place === index + 1),
      `places of ${pool} are 1, 2, ...`,
    );
  }
}

function checkLimits(input: Input, { starts }: QueueDecision) {
  const before = input.jobs.filter(isActive);
  const started = input.jobs.filter(({ id }) => starts.includes(id));
  const after = [...before, ...started];
  for (const job of started) {
    const inPool = sumOf(after.filter(other => isSamePool(job, other)));
    ensure(inPool <= capacityOf(input, job), `${job.id} is over the capacity`);
    const ofTeam = sumOf(after.filter(other => isSameTeam(job, other)));
    ensure(ofTeam <= limitsOf(input, job).most, `${job.id} is over the quota`);
  }
}

function checkNoneIsIdle(input: Input, decision: QueueDecision) {
  const { jobs, nowMillis, settings } = input;
  const { starts, reasons, preemptions } = decision;
  const after = jobs.filter(job => isActive(job) || starts.includes(job.id));
  const waiting = jobs.filter(({ id }) => reasons.has(id));
  const used = (job: QueueJob) =>
    sumOf(after.filter(other => isSameTeam(job, other)));
  const fitsPool = (job: QueueJob) =>
    sumOf(after.filter(other => isSamePool(job, other))) + job.units <=
    capacityOf(input, job);
  const fitsQuota = (job: QueueJob) =>
    used(job) + job.units <= limitsOf(input, job).most;
  const isLong = (job: QueueJob) =>
    nowMillis - job.submittedAtMillis >= settings.reserveAfterMillis;
  const canEver = (job: QueueJob) =>
    !['never-fits', 'no-flavor'].includes(reasons.get(job.id)!.kind);
  /** What one job takes back may be enough for another one, too. */
  const isRoomMade = (job: QueueJob) =>
    jobs.some(
      other =>
        isSamePool(job, other) &&
        (other.state.phase === 'stopping' ||
          preemptions.some(({ job: id }) => id === other.id)),
    );
  const isPromised = (job: QueueJob) =>
    used(job) + job.units <= limitsOf(input, job).nominal && isRoomMade(job);
  const holdsPool = (job: QueueJob) =>
    canEver(job) && !fitsPool(job) && (isLong(job) || isPromised(job));
  /** What is promised to a job counts in its team's quota. */
  const holdsQuota = (job: QueueJob) =>
    canEver(job) && ((!fitsQuota(job) && isLong(job)) || isPromised(job));
  for (const job of waiting) {
    if (!fitsPool(job) || !fitsQuota(job)) continue;
    ensure(
      waiting.some(
        other =>
          (isSamePool(job, other) && holdsPool(other)) ||
          (isSameTeam(job, other) && holdsQuota(other)),
      ),
      `${job.id} fits, and nothing is kept for another one`,
    );
    ensure(
      ['behind-others', 'preempted'].includes(reasons.get(job.id)!.kind),
      `${job.id} fits, and is told otherwise`,
    );
  }
}

function checkPreemptions(input: Input, decision: QueueDecision) {
  const { jobs } = input;
  const { preemptions, starts, reasons } = decision;
  const byId = new Map(jobs.map(job => [job.id, job]));
  const running = new Set(
    jobs.filter(job => isActive(job) && job.state.phase !== 'stopping'),
  );
  const used = (job: QueueJob) =>
    sumOf(
      jobs.filter(
        other =>
          isSameTeam(job, other) &&
          (isActive(other) || starts.includes(other.id)),
      ),
    );
  for (const { job: id, by } of preemptions) {
    const victim = byId.get(id)!;
    const owed = byId.get(by)!;
    ensure(reasons.has(by), `${by} waits for what ${id} has`);
    ensure(victim.preemptible, `${id} may be stopped`);
    ensure(isSamePool(victim, owed), `${by} can use what ${id} has`);
    ensure(
      used(owed) + owed.units <= limitsOf(input, owed).nominal,
      `${by} is owed what it takes`,
    );
    const ofTeam = sumOf(
      [...running].filter(other => isSameTeam(victim, other)),
    );
    ensure(
      ofTeam > limitsOf(input, victim).nominal,
      `${victim.team} borrows when ${id} is stopped`,
    );
    ensure(running.delete(victim), `${id} is stopped once`);
    checkNeeded(input, decision, victim);
  }
  const begun = jobs.filter(isActive);
  for (const id of starts) {
    const job = byId.get(id)!;
    begun.push(job);
    ensure(
      sumOf(begun.filter(other => isSameTeam(job, other))) <=
        limitsOf(input, job).nominal ||
        !preemptions.some(({ by }) => isSamePool(job, byId.get(by)!)),
      `${id} borrows where room is made for another one`,
    );
  }
}

/** All that teams are owed there needs each one that is stopped. */
function checkNeeded(
  input: Input,
  { preemptions, starts, reasons }: QueueDecision,
  victim: QueueJob,
) {
  const inPool = input.jobs.filter(job => isSamePool(job, victim));
  const after = inPool.filter(job => isActive(job) || starts.includes(job.id));
  const leaves = inPool.filter(
    job =>
      job.state.phase === 'stopping' ||
      preemptions.some(({ job: id }) => id === job.id),
  );
  const waiting = inPool.filter(({ id }) => reasons.has(id));
  let owed = 0;
  for (const team of new Set(waiting.map(job => job.team))) {
    const ofTeam = waiting.filter(job => job.team === team);
    const used = sumOf(
      input.jobs.filter(
        job =>
          isSameTeam(job, ofTeam[0]) &&
          (isActive(job) || starts.includes(job.id)),
      ),
    );
    const { nominal } = limitsOf(input, ofTeam[0]);
    owed += Math.min(sumOf(ofTeam), Math.max(0, nominal - used));
  }
  const room =
    capacityOf(input, victim) - sumOf(after) + sumOf(leaves) - victim.units;
  ensure(room < owed, `${victim.id} has to be stopped`);
}
