import { decideQueue } from '../decideQueue';
import type {
  QueueCapacity,
  QueueDecision,
  QueueJob,
  QueueSettings,
  TeamQuota,
} from '../queue';
import { checkDecision } from './checkDecision';

export const MINUTE = 60_000;

/** A job with how long it runs, and when it comes, in minutes. */
export interface PlannedJob
  extends Omit<QueueJob, 'state' | 'submittedAtMillis'> {
  comesAt: number;
  runs: number;
}

interface Known extends PlannedJob {
  state: QueueJob['state'];
  /** Minutes that it still runs, or needs to stop. */
  left: number;
  preemptedBy?: string;
  firstStartAt?: number;
  endedAt?: number;
}

/** Jobs that come, run and end, a minute after the other, as the queue decides. Each decision is checked. */
export class QueueWorld {
  minute = 0;
  preemptions = 0;
  readonly known: Known[] = [];
  readonly #options: {
    quotas: readonly TeamQuota[];
    capacity: QueueCapacity;
    settings: QueueSettings;
    stopMinutes: number;
  };

  constructor(options: {
    quotas: readonly TeamQuota[];
    capacity: QueueCapacity;
    settings: QueueSettings;
    stopMinutes: number;
  }) {
    this.#options = options;
  }

  add(job: PlannedJob): void {
    this.known.push({ ...job, state: { phase: 'queued' }, left: job.runs });
  }

  get jobs(): QueueJob[] {
    return this.known
      .filter(job => job.endedAt === undefined && job.comesAt <= this.minute)
      .map(({ comesAt, runs, left, preemptedBy, firstStartAt, ...job }) => ({
        ...job,
        submittedAtMillis: comesAt * MINUTE,
      }));
  }

  /** Decides, does it, and lets a minute pass. */
  pass(): QueueDecision {
    const input = {
      ...this.#options,
      nowMillis: this.minute * MINUTE,
      jobs: this.jobs,
    };
    const decision = decideQueue(input);
    checkDecision(input, decision);
    const byId = new Map(this.known.map(job => [job.id, job]));
    for (const id of decision.starts) {
      const job = byId.get(id)!;
      job.state = { phase: 'running', startedAtMillis: input.nowMillis };
      job.left = job.runs;
      job.firstStartAt ??= this.minute;
    }
    for (const { job: id, by } of decision.preemptions) {
      const job = byId.get(id)!;
      job.state = { phase: 'stopping' };
      job.left = this.#options.stopMinutes;
      job.preemptedBy = by;
      this.preemptions++;
    }
    this.minute++;
    for (const job of this.known) this.#goOn(job);
    return decision;
  }

  #goOn(job: Known): void {
    if (job.endedAt !== undefined || job.state.phase === 'queued') return;
    if (--job.left > 0) return;
    if (job.state.phase === 'stopping') {
      job.state = { phase: 'queued', preemptedBy: job.preemptedBy };
    } else {
      job.endedAt = this.minute;
    }
  }

  usedBy(team: string): number {
    return this.jobs
      .filter(job => job.team === team && job.state.phase !== 'queued')
      .reduce((sum, { units }) => sum + units, 0);
  }
}
