import { mockServices } from '@backstage/backend-test-utils';
import { InputError } from '@backstage/errors';
import type { ObservedAttempt } from '../backends/TrainingBackend';
import { metricsOf, UsageRecorder } from './UsageRecorder';

it('records what a program uses once it has begun, and each ten seconds from then on', async () => {
  const START = Date.parse('2026-05-03T08:00:00Z');
  let now = START;
  const logged: [string, number][] = [];
  const recorder = new UsageRecorder({
    jobs: { get: async job => ({ run: `run of ${job}` } as never) },
    runs: {
      log: async (run, { metrics = [] }) => {
        logged.push([run, (metrics[0].at - START) / 1_000]);
        return undefined as never;
      },
    },
    logger: mockServices.logger.mock(),
    clock: () => new Date(now),
  });
  const look = async (jobs: string[], seconds: number) => {
    now = START + seconds * 1_000;
    recorder.take(
      'local',
      jobs.map(
        (job): ObservedAttempt => ({
          job,
          number: 1,
          state: {
            phase: 'running',
            // By a clock that is ten minutes ahead.
            startedAt: new Date(START + 600_000).toISOString(),
            usage: { memoryBytes: 1024 ** 2 },
          },
        }),
      ),
    );
    await new Promise(setImmediate);
  };
  for (let seconds = 0; seconds <= 23; seconds++) {
    await look(seconds < 5 ? ['a'] : ['a', 'b'], seconds);
  }
  expect(logged).toEqual([
    ['run of a', 2],
    ['run of b', 7],
    ['run of a', 12],
    ['run of b', 17],
    ['run of a', 22],
  ]);
  // Another attempt begins anew.
  logged.length = 0;
  await look([], 24);
  await look(['a'], 25);
  await look(['a'], 28);
  expect(logged).toEqual([['run of a', 28]]);
});

it.each([
  ['says nothing of a run that is deleted', new InputError('it is deleted'), 0],
  ['says what else was not recorded', new Error('the database is away'), 1],
])('%s, and records the others', async (_, error, said) => {
  const logger = mockServices.logger.mock();
  const logged: string[] = [];
  let now = 0;
  const recorder = new UsageRecorder({
    jobs: { get: async job => ({ run: `run of ${job}` } as never) },
    runs: {
      log: async run => {
        if (run === 'run of a') throw error;
        logged.push(run);
      },
    },
    logger,
    clock: () => new Date(now),
  });
  const running = (job: string): ObservedAttempt => ({
    job,
    number: 1,
    state: {
      phase: 'running',
      startedAt: new Date(0).toISOString(),
      usage: { memoryBytes: 1024 ** 2 },
    },
  });
  for (; now <= 2_000; now += 2_000) {
    recorder.take('local', [running('a'), running('b')]);
    await new Promise(setImmediate);
  }
  expect(logged).toEqual(['run of b']);
  expect(logger.debug).toHaveBeenCalledTimes(said);
});

it('has the names of MLflow, one for each GPU, and none for what is not known', () => {
  expect(
    Object.fromEntries(
      metricsOf({
        cpuCores: 1.5,
        memoryBytes: 2 * 1024 ** 2,
        gpus: [
          { utilizationPercent: 87, memoryBytes: 4845 * 1024 ** 2 },
          { utilizationPercent: 0 },
          { memoryBytes: 0 },
        ],
      }),
    ),
  ).toEqual({
    cpu_utilization_percentage: 150,
    system_memory_usage_megabytes: 2,
    gpu_0_utilization_percentage: 87,
    gpu_0_memory_usage_megabytes: 4845,
    gpu_1_utilization_percentage: 0,
    gpu_2_memory_usage_megabytes: 0,
  });
  expect(metricsOf({})).toEqual([]);
  // What does nothing is measured, too.
  expect(metricsOf({ cpuCores: 0 })).toEqual([
    ['cpu_utilization_percentage', 0],
  ]);
});
