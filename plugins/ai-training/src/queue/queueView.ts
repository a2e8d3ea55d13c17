import {
  type Cost,
  type FlavorUse,
  isHeldByKueue,
  type QueueReason,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** Flavors of one backend. */
export interface BackendUse {
  backend: string;
  /** Why nobody knows what it has; undefined where it answers. */
  problem?: string;
  flavors: FlavorUse[];
}

/** In the order in which the server has them. */
export function byBackend(uses: readonly FlavorUse[]): BackendUse[] {
  const backends = new Map<string, BackendUse>();
  for (const use of uses) {
    const { backend, problem } = use;
    const known = backends.get(backend) ?? { backend, flavors: [] };
    known.flavors.push(use);
    if (problem !== undefined) known.problem ??= problem;
    backends.set(backend, known);
  }
  return [...backends.values()];
}

/** Units that nobody uses, and what they cost an hour where they have a price. Undefined where nobody knows. */
export function idleOf({
  capacity,
  used,
  pricePerHour,
}: FlavorUse): { units: number; perHour?: Cost } | undefined {
  if (capacity === undefined) return undefined;
  // There may be fewer than before.
  const units = Math.max(0, capacity - used);
  return {
    units,
    ...(pricePerHour && {
      perHour: {
        amount: units * pricePerHour.amount,
        currency: pricePerHour.currency,
      },
    }),
  };
}

/** Whether what is used is anybody's own or borrowed: where no team has a quota, it is neither. */
export function hasQuotas({ teams }: FlavorUse): boolean {
  return teams.some(({ hasQuota }) => hasQuota);
}

/** Of a flavor that has quotas: how much of what a team uses is its own, and how much it has borrowed. */
export function partsOfTeam(team: FlavorUse['teams'][number]): {
  own: number;
  borrowed: number;
} {
  const own = Math.min(team.used, team.nominal);
  return { own, borrowed: team.used - own };
}

/** Of those that wait: what is queued here, and what Kueue holds where it holds any. */
export function waitingInWords({
  queued,
  held,
}: Pick<FlavorUse, 'queued' | 'held'>): string {
  return held > 0 ? `${queued}, ${held} in Kueue` : String(queued);
}

/** Whether it waits for its turn: in our queue, or in one of Kueue's. */
export function waitsInQueue({ state }: TrainingJob): boolean {
  return state.phase === 'queued' || isHeldByKueue(state);
}

/** Which queue of its backend it waits in, in words. */
export function queueOf(job: TrainingJob): string {
  const { state } = job;
  return state.phase === 'starting' && state.reason.kind === 'kueue'
    ? `Kueue's ${state.reason.queue}`
    : flavorOf(job) ?? 'any';
}

/** Jobs that wait, as they are to start: by backend and queue, then by their place; those without one at the end. */
export function inQueueOrder(jobs: readonly TrainingJob[]): TrainingJob[] {
  const keyOf = (job: TrainingJob) => `${job.backend}\n${queueOf(job)}`;
  return [...jobs].sort(
    (a, b) =>
      keyOf(a).localeCompare(keyOf(b), 'en') ||
      (positionOf(a) ?? Infinity) - (positionOf(b) ?? Infinity) ||
      a.submittedAt.localeCompare(b.submittedAt),
  );
}

/** Its place in the queue; undefined where it has none. */
export function positionOf({ state }: TrainingJob): number | undefined {
  if (state.phase !== 'queued' && state.phase !== 'starting') return undefined;
  const { reason } = state;
  // It is counted when the queue has looked at it.
  return 'position' in reason && Number(reason.position) > 0
    ? reason.position
    : undefined;
}

/** What it asks for; where it asks for whatever there is, what the queue says of it. */
function flavorOf({ resources, state }: TrainingJob): string | undefined {
  if (resources.flavor !== undefined) return resources.flavor;
  return state.phase === 'queued' ? flavorOfReason(state.reason) : undefined;
}

function flavorOfReason(reason: QueueReason): string | undefined {
  return 'flavor' in reason ? reason.flavor : undefined;
}
