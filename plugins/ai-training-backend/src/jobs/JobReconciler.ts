import type { LoggerService } from '@backstage/backend-plugin-api';
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '@backstage/errors';
import type {
  AttemptEnd,
  JobState,
  QueueReason,
  RunStatus,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import {
  type AttemptId,
  AttemptRefusedError,
  BackendAwayError,
  type ObservedAttempt,
  type TrainingBackend,
} from '../backends/TrainingBackend';
import type { Budgets } from '../costs/Budgets';
import type { TrainingChanges } from '../events/announcement';
import type { ExperimentStore } from '../experiments/ExperimentStore';
import type { RunNotices } from '../notices/RunNotices';
import { decideQueue } from '../queue/decideQueue';
import type { QueueJob, QueueSettings, TeamQuota } from '../queue/queue';
import type { RunStore } from '../runs/RunStore';
import type { AttemptLogs } from './AttemptLogs';
import type { JobStore, OpenJob } from './JobStore';
import type { JobTokens } from './JobTokens';
import { newTokenName } from './jobToken';
import type { Lead } from './Lead';
import { type JobStep, nextJobStep } from './nextJobStep';
import { PositionTeller } from './PositionTeller';
import type { UsageRecorder } from './UsageRecorder';
import type { WantedAttempts } from './WantedAttempts';

/** A program has so long for a checkpoint when it is told to stop. */
const GRACE_SECONDS = 60;
/** What was begun may not be told of at once. */
const BEGIN_AGAIN_MILLIS = 15_000;
/** Of a backend. */
const ANSWER_MILLIS = 20_000;
/** A log that cannot be had for so long is given up. */
const LOG_MILLIS = 5 * 60_000;
/** Most of it is waiting for the database and the backend. */
const AT_ONCE = 8;
/** Who is named where nobody did it. */
const SYSTEM = 'service:greenroom';

const RUN_STATUS: Partial<Record<JobState['phase'], RunStatus>> = {
  queued: 'SCHEDULED',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
};

/** What backends say, each by itself. */
interface Observation {
  attempts: Map<string, ObservedAttempt>;
  capacity: Map<string, number | undefined>;
}

export interface JobReconcilerOptions {
  lead: Lead;
  jobs: JobStore;
  backends: ReadonlyMap<string, TrainingBackend>;
  wanted: WantedAttempts;
  tokens: JobTokens;
  logs: Pick<AttemptLogs, 'keep'>;
  budgets: Budgets;
  usage: UsageRecorder;
  quotas: readonly TeamQuota[];
  queue: QueueSettings;
  runs: Pick<RunStore, 'setStatus'>;
  experiments: Pick<ExperimentStore, 'get'>;
  notices: Pick<RunNotices, 'failed'>;
  changes: TrainingChanges;
  /** How long checkpoints stay after the end of a job, in milliseconds. */
  keepCheckpointsMillis: number;
  /** How long a backend may take to say what it has; 20 seconds when it is not named. */
  answerMillis?: number;
  logger: LoggerService;
}

/**
 * Looks after the jobs: has what is wanted run, and says how it is. One control plane does, by a lease.
 *
 * Each pass looks at everything anew and does what lacks. What is to happen is written down before it is done, and
 * done under a name that follows from the job, so that a control plane may be killed anywhere: the next pass does the
 * rest, and nothing twice.
 */
export class JobReconciler {
  readonly #options: JobReconcilerOptions;
  /** When attempts were begun by this process, so that what is not told of yet is not begun again at once. */
  readonly #begunMillis = new Map<string, number>();
  readonly #logFailedMillis = new Map<string, number>();
  readonly #positions = new PositionTeller();

  constructor(options: JobReconcilerOptions) {
    this.#options = options;
  }

  /** One pass over all jobs. */
  async run(signal: AbortSignal): Promise<void> {
    const { lead, jobs, budgets, tokens } = this.#options;
    if (!(await lead.take())) return;
    const seen = await this.#observe();
    const open = await jobs.listOpen();
    let isChanged = false;
    await inParallel(open.jobs, signal, job =>
      this.#apart(`Training job ${job.id}`, () =>
        this.#look(job, seen, {
          now: open.now,
          onStep: () => {
            isChanged = true;
          },
        }),
      ),
    );
    if (signal.aborted) return;
    await this.#apart('What backends have left', () =>
      this.#release(seen, open.jobs),
    );
    const spent = await budgets.look();
    // What was done may have taken longer than the lease.
    if (!(await lead.take())) return;
    // As it is after what has just been done. Where that was nothing, thousands are not read twice.
    const now = isChanged ? await jobs.listOpen() : open;
    await this.#queue(now, { seen, spent, signal });
    await tokens.renew(
      open.jobs.flatMap(({ attempt }) => attempt?.tokenNames ?? []),
    );
    await this.#apart('Old checkpoints', () => this.#forget(open.now));
  }

  /** Leaves the jobs to others. Called when no pass is under way. */
  async stop(): Promise<void> {
    await this.#options.lead.release();
    for (const backend of this.#options.backends.values()) {
      await backend.close();
    }
  }

  /** Of each backend what it has; its error where it does not answer. */
  async #observe(): Promise<Map<string, Observation | Error>> {
    const { backends, usage, answerMillis = ANSWER_MILLIS } = this.#options;
    const all = await Promise.all(
      [...backends].map(async ([name, backend]) => {
        try {
          const observed = await inTime(backend.observe(), answerMillis);
          usage.take(name, observed);
          const attempts = new Map(observed.map(one => [keyOf(one), one]));
          const capacity = await inTime(backend.capacity(), answerMillis);
          return [name, { attempts, capacity }] as const;
        } catch (error) {
          return [name, toError(error)] as const;
        }
      }),
    );
    return new Map<string, Observation | Error>(all);
  }

  async #look(
    job: OpenJob,
    seen: ReadonlyMap<string, Observation | Error>,
    { now, onStep }: { now: Date; onStep(): void },
  ): Promise<void> {
    const backend = seen.get(job.backend);
    const observed = observedOf(job, backend);
    const attempt = await this.#hold(job, observed, now);
    const step = nextJobStep({ ...job, attempt, now, observed });
    if (step.do !== 'nothing') onStep();
    // It is there again.
    if (job.attempt?.missingSince && observed && observed !== 'away') {
      await this.#options.jobs.updateAttempt(
        { job: job.id, number: job.attempt.number },
        { isMissing: false },
      );
    }
    await this.#do(job, step, now);
  }

  /** Remembers when Kueue holds it. @returns the attempt as it is then */
  async #hold(
    { id, attempt }: OpenJob,
    observed: ReturnType<typeof observedOf>,
    now: Date,
  ): Promise<OpenJob['attempt']> {
    if (!attempt || !observed || observed === 'away') return attempt;
    const isHeld =
      observed.phase === 'starting' && observed.reason.kind === 'kueue';
    if (isHeld === attempt.isHeld) return attempt;
    const startedAt = 'startedAt' in observed && observed.startedAt;
    // It may have been let go, and have run, while nobody looked.
    const letGo = startedAt ? { endedAt: new Date(startedAt) } : {};
    await this.#options.jobs.updateAttempt(
      { job: id, number: attempt.number },
      { hold: isHeld ? 'begins' : letGo },
    );
    return { ...attempt, isHeld, heldUntil: isHeld ? undefined : now };
  }

  async #do(job: OpenJob, step: JobStep, now: Date): Promise<void> {
    const { jobs } = this.#options;
    switch (step.do) {
      case 'begin':
        await this.#begin(job, job.attempt!.number, now);
        break;
      case 'miss':
        await jobs.updateAttempt(
          { job: job.id, number: job.attempt!.number },
          { isMissing: true },
        );
        break;
      case 'show':
        await this.#show(job, step);
        break;
      case 'stop':
        await this.#stop(job, step.state);
        break;
      case 'end':
        await this.#end(job, step, now);
        break;
      default:
    }
  }

  async #begin(job: OpenJob, number: number, now: Date): Promise<void> {
    const { jobs, tokens, wanted } = this.#options;
    const id = { job: job.id, number };
    const begunMillis = this.#begunMillis.get(keyOf(id)) ?? -Infinity;
    if (performance.now() - begunMillis < BEGIN_AGAIN_MILLIS) return;
    this.#begunMillis.set(keyOf(id), performance.now());
    const full = await jobs.get(job.id);
    const backend = this.#options.backends.get(job.backend);
    if (!backend) return;
    try {
      const attempt = await wanted.describe(full, {
        number,
        ranMillis: job.ranMillis,
      });
      const name = newTokenName(id);
      await jobs.updateAttempt(id, { addToken: name });
      await backend.start(attempt, await tokens.lend(name, full));
    } catch (error) {
      if (error instanceof BackendAwayError) throw error;
      const message = toError(error).message;
      const end: AttemptEnd =
        error instanceof AttemptRefusedError
          ? { kind: 'refused', message }
          : { kind: 'not-started', message };
      const step = nextJobStep({
        ...job,
        now,
        state: { phase: 'starting', since: '', reason: { kind: 'creating' } },
        attempt: { startedAt: now },
        observed: { phase: 'ended', end },
      });
      await this.#do(
        {
          ...job,
          state: { phase: 'starting', since: '', reason: { kind: 'creating' } },
          attempt: newAttempt(number, now),
        },
        step,
        now,
      );
    }
  }

  async #show(job: OpenJob, step: JobStep & { do: 'show' }): Promise<void> {
    const { jobs, runs, changes } = this.#options;
    const { number } = job.attempt!;
    await changes.transaction(async tx => {
      const isMine = await jobs.setState(tx, job.id, {
        from: job.state.phase,
        state: step.state,
        attempt: number,
        isNews: step.isNews,
      });
      if (!isMine) return;
      if (step.runningAt) {
        const { runningAt } = step;
        await jobs.updateAttempt({ job: job.id, number }, { runningAt }, tx);
        await runs.setStatus(tx, job.run, { status: 'RUNNING' });
      }
      await changes.announce(tx, announcementOf(job));
    });
  }

  /** Told again at each look, since it may have been killed before the backend heard of it. */
  async #stop(job: OpenJob, state: JobState): Promise<void> {
    const { jobs, changes, backends } = this.#options;
    const { number } = job.attempt!;
    if (job.state.phase !== 'stopping') {
      await changes.transaction(async tx => {
        const isMine = await jobs.setState(tx, job.id, {
          from: job.state.phase,
          state,
          attempt: number,
        });
        if (isMine) await changes.announce(tx, announcementOf(job));
      });
    }
    await backends
      .get(job.backend)
      ?.stop({ job: job.id, number }, { graceSeconds: GRACE_SECONDS });
  }

  async #end(
    job: OpenJob,
    step: JobStep & { do: 'end' },
    now: Date,
  ): Promise<void> {
    const { jobs, tokens, changes } = this.#options;
    const { attempt } = job;
    const id = attempt && { job: job.id, number: attempt.number };
    const log = id && (await this.#keepLog(await jobs.get(job.id), id));
    if (log === 'later') return;
    const names = await changes.transaction(async tx => {
      const isMine = await jobs.setState(tx, job.id, {
        from: job.state.phase,
        // It is cleared: one that nobody has looked at is not lost by that. The next pass does.
        seenWish: job.wish ?? null,
        state: step.state,
        attempt: attempt?.number,
        fields: {
          wish: null,
          retryAt: step.retryAt ?? null,
          failures: job.failures + (step.isFailure ? 1 : 0),
        },
      });
      if (!isMine) return undefined;
      const lent =
        id && step.end
          ? await jobs.endAttempt(tx, id, {
              outcome: step.end,
              logPath: log?.path,
              logBytes: log?.writtenBytes,
            })
          : [];
      await this.#tell(tx, job, step.state, now);
      return lent;
    });
    if (!id || !names) return;
    await tokens.takeBack(names);
    await this.#releaseOne(job.backend, id);
  }

  /** What of it others see: the run, its owners, open pages. */
  async #tell(
    tx: Parameters<Parameters<TrainingChanges['transaction']>[0]>[0],
    job: OpenJob,
    state: JobState,
    now: Date,
  ): Promise<void> {
    const { runs, experiments, notices, changes, jobs } = this.#options;
    const status = RUN_STATUS[state.phase];
    if (status) {
      const endedAt = status === 'SCHEDULED' ? undefined : now.getTime();
      await runs.setStatus(tx, job.run, { status, endedAt });
    }
    const full = await jobs.get(job.id, tx);
    if (state.phase === 'failed') {
      await notices.failed(tx, {
        experiment: await experiments.get(full.experiment, tx),
        run: { id: full.run, name: full.name },
        actor: SYSTEM,
      });
    }
    await changes.record(tx, {
      action: `training-job-${state.phase}`,
      actor: SYSTEM,
      subject: job.id,
      owner: full.spec.owner,
      after: { state },
      announce: [announcementOf(job)],
    });
  }

  /** What it wrote is kept before it is said that it has ended: nothing of it is lost when we are killed in between. */
  async #keepLog(
    job: TrainingJob,
    id: AttemptId,
  ): Promise<{ path: string; writtenBytes: number } | 'later' | undefined> {
    const { logs, logger } = this.#options;
    const key = keyOf(id);
    try {
      const kept = await logs.keep(job, id.number);
      this.#logFailedMillis.delete(key);
      return kept;
    } catch (error) {
      const nowMillis = performance.now();
      const since = this.#logFailedMillis.get(key) ?? nowMillis;
      this.#logFailedMillis.set(key, since);
      if (nowMillis - since < LOG_MILLIS) return 'later';
      this.#logFailedMillis.delete(key);
      logger.warn(
        `The log of attempt ${id.number} of training job ${job.id} is lost: ${
          toError(error).message
        }`,
      );
      return undefined;
    }
  }

  /** What has ended, and what nobody wants to be there: of a job that was removed, or counted as lost and seen again. */
  async #release(
    seen: ReadonlyMap<string, Observation | Error>,
    open: readonly OpenJob[],
  ): Promise<void> {
    const unreleased = await this.#options.jobs.listUnreleased();
    for (const { backend, ...id } of unreleased) {
      if (seen.get(backend) instanceof Error) continue;
      await this.#releaseOne(backend, id);
    }
    const known = new Set([
      ...unreleased.map(keyOf),
      ...open.flatMap(({ id, attempt }) =>
        attempt ? [keyOf({ job: id, number: attempt.number })] : [],
      ),
    ]);
    for (const [name, observation] of seen) {
      if (observation instanceof Error) continue;
      const backend = this.#options.backends.get(name)!;
      for (const [key, id] of observation.attempts) {
        if (known.has(key)) continue;
        await this.#apart(`Attempt ${key}`, async () => {
          await backend.stop(id, { graceSeconds: 0 });
          await backend.release(id);
        });
      }
    }
  }

  async #releaseOne(name: string, id: AttemptId): Promise<void> {
    const { backends, jobs } = this.#options;
    this.#begunMillis.delete(keyOf(id));
    await this.#apart(`Attempt ${keyOf(id)}`, async () => {
      await backends.get(name)?.release(id);
      await jobs.updateAttempt(id, { isReleased: true });
    });
  }

  async #queue(
    { jobs: open, now }: Awaited<ReturnType<JobStore['listOpen']>>,
    {
      seen,
      spent,
      signal,
    }: {
      seen: ReadonlyMap<string, Observation | Error>;
      spent: Awaited<ReturnType<Budgets['look']>>;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { jobs, quotas, queue: settings, backends } = this.#options;
    const held = new Map<string, QueueReason>();
    for (const job of open) {
      const reason = holdOf(job, { seen, spent, now });
      if (job.state.phase === 'queued' && reason) held.set(job.id, reason);
      const over = spent(job.team);
      const isStopped =
        over?.stops && job.state.phase !== 'queued' && !job.wish;
      if (isStopped) await this.#stopFor(job, over.reason);
    }
    const flavorOf = (job: OpenJob) =>
      job.flavor ?? backends.get(job.backend)?.defaultFlavor ?? 'any';
    const decision = decideQueue({
      nowMillis: now.getTime(),
      jobs: open
        .filter(({ id }) => !held.has(id))
        // It has no place any more: the next pass ends it.
        .filter(({ state, wish }) => state.phase !== 'queued' || !wish)
        .map(job => toQueueJob(job, flavorOf(job))),
      quotas,
      capacity: new Map(
        [...seen].flatMap(([name, observation]) =>
          observation instanceof Error ? [] : [[name, observation.capacity]],
        ),
      ),
      settings,
    });
    const byId = new Map(open.map(job => [job.id, job]));
    await inParallel(decision.starts, signal, id => {
      const job = byId.get(id)!;
      return this.#apart(`Training job ${id}`, () =>
        this.#start(job, flavorOf(job), now),
      );
    });
    if (signal.aborted) return;
    for (const { job, by } of decision.preemptions) {
      await this.#stopFor(byId.get(job)!, { kind: 'preempted', by });
    }
    await jobs.setReasons(
      this.#positions.changesOf(open, new Map([...decision.reasons, ...held])),
    );
  }

  /** Written down first: whoever comes next begins what was not begun. */
  async #start(job: OpenJob, flavor: string, now: Date): Promise<void> {
    const { jobs, changes, wanted } = this.#options;
    const state: JobState = {
      phase: 'starting',
      since: now.toISOString(),
      reason: { kind: 'creating' },
    };
    const number = await changes.transaction(async tx => {
      const isMine = await jobs.setState(tx, job.id, {
        from: 'queued',
        // Who was told that it ends does not see it start.
        seenWish: null,
        state,
        fields: { retryAt: null },
      });
      if (!isMine) return undefined;
      const begun = await jobs.beginAttempt(tx, job.id, {
        backend: job.backend,
        flavor,
        units: job.units,
        pricePerHour: wanted.priceOf(flavor),
      });
      await changes.announce(tx, announcementOf(job));
      return begun;
    });
    if (number === undefined) return;
    const attempt = newAttempt(number, now);
    await this.#begin({ ...job, state, attempt }, number, now);
  }

  async #stopFor(
    job: OpenJob,
    why: Parameters<JobStore['setWish']>[2],
  ): Promise<void> {
    const { jobs, changes } = this.#options;
    await changes.transaction(async tx => {
      if (!(await jobs.setWish(tx, job.id, why))) return;
      await changes.announce(tx, announcementOf(job));
    });
  }

  async #forget(now: Date): Promise<void> {
    const { jobs, backends, keepCheckpointsMillis } = this.#options;
    const before = new Date(now.getTime() - keepCheckpointsMillis);
    for (const { id, backend } of await jobs.listWithOldCheckpoints(before)) {
      await backends.get(backend)?.forget(id);
      await jobs.setCheckpointsForgotten(id);
    }
  }

  /** One that fails is looked at again at the next pass, and holds no other one up. */
  async #apart(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.warn(
        `${what} could not be looked after and will be again: ${
          toError(error).message
        }`,
      );
    }
  }
}

/** One that hangs is away, and holds up no other. */
async function inTime<T>(answer: Promise<T>, answerMillis: number): Promise<T> {
  const waiting = new AbortController();
  const late = sleep(answerMillis, undefined, waiting).then(() => {
    throw new BackendAwayError(
      `it has not answered within ${answerMillis / 1_000} seconds`,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort();
    late.catch(() => {});
  }
}

/** Of a backend that is not configured any more nothing comes: who wants an end there gets it. */
function observedOf(
  job: OpenJob,
  backend: Observation | Error | undefined,
): ObservedAttempt['state'] | 'away' | undefined {
  if (backend === undefined) return job.wish ? undefined : 'away';
  if (backend instanceof Error) return 'away';
  return (
    job.attempt &&
    backend.attempts.get(keyOf({ job: job.id, ...job.attempt }))?.state
  );
}

/** Some at a time, begun in their order; none is begun after the signal. */
async function inParallel<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) {
      if (signal.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function keyOf({ job, number }: AttemptId): string {
  return `${job}.${number}`;
}

function announcementOf(job: OpenJob) {
  return { type: 'job-changed' as const, job: job.id, run: job.run };
}

/** Why a job is no matter for the queue yet. */
function holdOf(
  job: OpenJob,
  {
    seen,
    spent,
    now,
  }: {
    seen: ReadonlyMap<string, Observation | Error>;
    spent: Awaited<ReturnType<Budgets['look']>>;
    now: Date;
  },
): QueueReason | undefined {
  if (job.retryAt && job.retryAt > now) {
    return { kind: 'retry-pause', until: job.retryAt.toISOString() };
  }
  const over = spent(job.team);
  if (over) return over.reason;
  const observation = seen.get(job.backend);
  if (observation === undefined) {
    return {
      kind: 'backend-away',
      message: `'${job.backend}' is not configured any more`,
    };
  }
  return observation instanceof Error
    ? { kind: 'backend-away', message: observation.message }
    : undefined;
}

function newAttempt(
  number: number,
  now: Date,
): NonNullable<OpenJob['attempt']> {
  return {
    number,
    startedAt: now,
    isHeld: false,
    heldMillis: 0,
    tokenNames: [],
  };
}

function toQueueJob(job: OpenJob, flavor: string): QueueJob {
  const { id, backend, units, team, priority, number, submittedAt, state } =
    job;
  const shared = {
    id,
    backend,
    flavor,
    units,
    team,
    priority,
    submittedAtMillis: submittedAt.getTime(),
    sequence: number,
    preemptible: !job.wish,
  };
  switch (state.phase) {
    case 'queued':
      return {
        ...shared,
        state: {
          phase: 'queued',
          ...(state.reason.kind === 'preempted' && {
            preemptedBy: state.reason.by,
          }),
        },
      };
    case 'stopping':
      return { ...shared, state: { phase: 'stopping' } };
    default:
      return job.wish
        ? { ...shared, state: { phase: 'stopping' } }
        : {
            ...shared,
            state: {
              phase: state.phase === 'running' ? 'running' : 'starting',
              startedAtMillis: job.attempt?.startedAt.getTime() ?? 0,
            },
          };
  }
}
