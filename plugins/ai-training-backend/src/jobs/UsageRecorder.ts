import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  AttemptUsage,
  ObservedAttempt,
} from '../backends/TrainingBackend';
import type { RunStore } from '../runs/RunStore';
import type { JobStore } from './JobStore';

const RECORD_MILLIS = 10_000;
/** While it begins, a program says little of what it is to use. */
const BEGIN_MILLIS = 2_000;
const MEBIBYTE = 1024 ** 2;
/** Bounds what an outage of the database has to catch up with. */
const MOST_AT_ONCE = 200;

/** Records what programs use as MLflow has it: metrics below `system/`, each ten seconds. */
export class UsageRecorder {
  readonly #jobs: Pick<JobStore, 'get'>;
  readonly #runs: Pick<RunStore, 'log'>;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  /** When each is to be recorded next, by backend and job. */
  readonly #dueMillis = new Map<string, number>();

  constructor(options: {
    jobs: Pick<JobStore, 'get'>;
    runs: Pick<RunStore, 'log'>;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#jobs = options.jobs;
    this.#runs = options.runs;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** Nobody waits for it: a measurement that is lost is no harm. */
  take(backend: string, observed: readonly ObservedAttempt[]): void {
    this.#record(backend, observed).catch(error =>
      this.#logger.debug(
        `What jobs of ${backend} use was not recorded: ${
          toError(error).message
        }`,
      ),
    );
  }

  async #record(
    backend: string,
    observed: readonly ObservedAttempt[],
  ): Promise<void> {
    const now = this.#clock().getTime();
    const running = observed.flatMap(({ job, state }) =>
      state.phase === 'running' && state.usage
        ? [{ job, startedAt: state.startedAt, usage: state.usage }]
        : [],
    );
    const keyOf = ({ job }: { job: string }) => `${backend} ${job}`;
    const seen = new Set(running.map(keyOf));
    for (const key of this.#dueMillis.keys()) {
      if (key.startsWith(`${backend} `) && !seen.has(key)) {
        this.#dueMillis.delete(key);
      }
    }
    for (const key of seen) {
      if (!this.#dueMillis.has(key)) {
        this.#dueMillis.set(key, now + BEGIN_MILLIS);
      }
    }
    const due = running
      .filter(one => now >= (this.#dueMillis.get(keyOf(one)) ?? 0))
      .slice(0, MOST_AT_ONCE);
    due.forEach(one => this.#dueMillis.set(keyOf(one), now + RECORD_MILLIS));
    for (const { job, startedAt, usage } of due) {
      const step = Math.max(
        0,
        Math.round((now - Date.parse(startedAt)) / RECORD_MILLIS),
      );
      const metrics = metricsOf(usage).map(([key, value]) => ({
        key: `system/${key}`,
        value,
        at: now,
        step,
      }));
      await this.#log(job, metrics);
    }
  }

  /** One that cannot be recorded holds up no other. */
  async #log(
    job: string,
    metrics: NonNullable<Parameters<RunStore['log']>[1]['metrics']>,
  ): Promise<void> {
    try {
      const { run } = await this.#jobs.get(job);
      await this.#runs.log(run, { metrics });
    } catch (failure) {
      const error = toError(failure);
      // Somebody has deleted the run: nobody wants to know.
      if (error.name === 'InputError') return;
      this.#logger.debug(
        `What job ${job} uses was not recorded: ${error.message}`,
      );
    }
  }
}

/** Under MLflow's names where it has one. */
export function metricsOf(usage: AttemptUsage): [string, number][] {
  const { cpuCores, memoryBytes, gpus = [] } = usage;
  const all: [string, number | undefined][] = [
    ['cpu_utilization_percentage', cpuCores && cpuCores * 100],
    ['system_memory_usage_megabytes', memoryBytes && memoryBytes / MEBIBYTE],
    ...gpus.flatMap((gpu, index): [string, number | undefined][] => [
      [`gpu_${index}_utilization_percentage`, gpu.utilizationPercent],
      [
        `gpu_${index}_memory_usage_megabytes`,
        gpu.memoryBytes && gpu.memoryBytes / MEBIBYTE,
      ],
    ]),
  ];
  return all.flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as [string, number]],
  );
}
