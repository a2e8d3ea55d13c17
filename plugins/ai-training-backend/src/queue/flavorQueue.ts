import { JOB_PRIORITIES } from '@greenroom/plugin-ai-training-common';
import type {
  QueueCapacity,
  QueueJob,
  QueueSettings,
  TeamQuota,
} from './queue';

/** A flavor at a backend. Numbers are units of the flavor. */
export interface Pool {
  /** Infinite where neither the backend nor a quota bounds it. */
  capacity: number;
  /** Whether the quotas stand for a capacity that nobody knows. */
  isByQuota: boolean;
  /** In use by nobody; below 0 where the capacity has become less than what runs. */
  free: number;
  /** What of `free` is kept for nobody. */
  unkept: number;
  /** What stopping jobs will leave, and is promised to nobody. */
  coming: number;
  /** What teams use within their own: nobody takes it from them. */
  owned: number;
  ownedBy: Map<Team, number>;
  /** What is free is kept for a job: nobody behind it starts. */
  isClosed: boolean;
  /** Those that what is free and what is coming is promised to, in their order. */
  promised: Waiting[];
  /** How many of those that still wait have been given their place. */
  places: number;
}

/** A team in a flavor. */
export interface Team {
  nominal: number;
  /** Its own and what it may borrow; may be infinite. */
  most: number;
  weight: number;
  /** Units that its jobs have. */
  used: number;
  /** `used`, and what is promised to its jobs. */
  claimed: number;
  /** In their order. */
  waiting: Waiting[];
  /** From this one of `waiting` on nobody starts: the room in its quota is kept for that one. */
  closedFrom?: Waiting;
}

/** A queued job that can start some time. */
export interface Waiting {
  job: QueueJob;
  pool: Pool;
  team: Team;
  /** Its place among all queued jobs by priority and time; the least comes first. */
  rank: number;
  outcome?: 'started' | 'promised' | 'no-room';
}

/** All there is of one flavor. */
export interface FlavorQueue {
  /** By backend. */
  pools: Map<string, Pool>;
  /** By entity ref. */
  teams: Map<string, Team>;
  active: QueueJob[];
}

/** The jobs of each flavor, with what is free and what teams have; queued ones that can never start are not in it. */
export function layOut(options: {
  jobs: readonly QueueJob[];
  quotas: readonly TeamQuota[];
  capacity: QueueCapacity;
}): { flavors: Map<string, FlavorQueue>; queued: QueueJob[] } {
  const { jobs, quotas, capacity } = options;
  const flavors = new Map<string, FlavorQueue>();
  const flavorOf = (name: string) =>
    getOrAdd(flavors, name, () => ({
      pools: new Map(),
      teams: new Map(),
      active: [],
    }));
  for (const { team, flavor, nominal, borrow, weight } of quotas) {
    flavorOf(flavor).teams.set(
      team,
      newTeam({ nominal, most: nominal + (borrow ?? Infinity), weight }),
    );
  }
  for (const [backend, units] of capacity) {
    for (const [name, known] of units) {
      const { pools, teams } = flavorOf(name);
      pools.set(backend, newPool(known, teams));
    }
  }
  const queued: QueueJob[] = [];
  for (const job of jobs) {
    const flavor = flavorOf(job.flavor);
    const team = teamOf(flavor, job.team);
    if (job.state.phase === 'queued') {
      queued.push(job);
      continue;
    }
    flavor.active.push(job);
    team.used += job.units;
    team.claimed += job.units;
    const pool = flavor.pools.get(job.backend);
    if (!pool) continue;
    take(pool, team, job.units);
    if (job.state.phase === 'stopping') pool.coming += job.units;
  }
  return { flavors, queued };
}

export function teamOf(flavor: FlavorQueue, team: string): Team {
  return getOrAdd(flavor.teams, team, () =>
    newTeam({ nominal: 0, most: Infinity, weight: 1 }),
  );
}

/** Units of a pool go to a team. */
export function take(pool: Pool, team: Team, units: number): void {
  pool.free -= units;
  pool.unkept -= units;
  const before = pool.ownedBy.get(team) ?? 0;
  const after = Math.min(before + units, team.nominal);
  pool.ownedBy.set(team, after);
  pool.owned += after - before;
}

/**
 * Jobs in the order in which a team's come: each level of priority counts as some time of waiting, so that a low one is not
 * passed by those that come long after it. Between two jobs the order never changes.
 */
export function sortJobs(
  jobs: readonly QueueJob[],
  { millisPerPriority }: QueueSettings,
): QueueJob[] {
  return jobs
    .map(job => ({
      job,
      counted: job.submittedAtMillis - levelOf(job) * millisPerPriority,
    }))
    .sort(
      (a, b) =>
        a.counted - b.counted ||
        a.job.submittedAtMillis - b.job.submittedAtMillis ||
        a.job.sequence - b.job.sequence ||
        compareTexts(a.job.id, b.job.id),
    )
    .map(({ job }) => job);
}

/** 0 for the lowest priority. */
export function levelOf(job: QueueJob): number {
  return JOB_PRIORITIES.indexOf(job.priority);
}

/** The same in each language, unlike `localeCompare`. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What a team has borrowed, by its weight: the one with the least is next. */
export function shareOf(team: Team, claimed = team.claimed): number {
  return Math.max(0, claimed - team.nominal) / team.weight;
}

export function isWithinNominal(
  { job, team }: Waiting,
  claimed = team.claimed,
): boolean {
  return claimed + job.units <= team.nominal;
}

function newTeam(limits: Pick<Team, 'nominal' | 'most' | 'weight'>): Team {
  return { ...limits, used: 0, claimed: 0, waiting: [] };
}

/** Where nobody knows the capacity there is as much as teams have of their own, if any has. */
function newPool(known: number | undefined, teams: Map<string, Team>): Pool {
  let nominal = 0;
  for (const team of teams.values()) nominal += team.nominal;
  const capacity = known ?? (nominal || Infinity);
  return {
    capacity,
    isByQuota: known === undefined,
    free: capacity,
    unkept: capacity,
    coming: 0,
    owned: 0,
    ownedBy: new Map(),
    isClosed: false,
    promised: [],
    places: 0,
  };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
