import fc from 'fast-check';
import { ConfigError, readConfig } from '../config';
import { divideConfig } from './divideConfig';

const read = (settings: Record<string, string> = {}) =>
  readConfig({
    GREENROOM_CONTROL_PLANE_TOKEN: 'a-token-for-tests',
    ...settings,
  });

const BOUNDS = [
  'maxRequestsInFlight',
  'maxBytesInFlight',
  'maxModelRequestsInFlight',
  'maxModelBytesInFlight',
  'recordsMaxBuffered',
  'recordsSpoolBytes',
  'modelMemoryBytes',
] as const;

it('leaves the settings of one process as they are', () => {
  const config = read();
  expect(divideConfig(config)).toBe(config);
});

it('divides what bounds the whole server, and nothing else', () => {
  const config = read({
    GREENROOM_PROCESSES: '3',
    GREENROOM_WORKER_THREADS: '8',
    GREENROOM_MODEL_MEMORY_BYTES: '1000',
  });
  expect(divideConfig(config)).toEqual({
    ...config,
    maxRequestsInFlight: 1365,
    maxBytesInFlight: 89478485,
    maxModelRequestsInFlight: 341,
    maxModelBytesInFlight: 44739242,
    recordsMaxBuffered: 166666,
    recordsSpoolBytes: 22369621,
    modelMemoryBytes: 333,
    workerThreads: 2,
  });
});

it('keeps what 0 means, and a thread for each', () => {
  const config = read({
    GREENROOM_PROCESSES: '4',
    GREENROOM_RECORDS_SPOOL_BYTES: '0',
    GREENROOM_MODEL_MEMORY_BYTES: '0',
    GREENROOM_WORKER_THREADS: '1',
  });
  expect(divideConfig(config)).toMatchObject({
    recordsSpoolBytes: 0,
    modelMemoryBytes: 0,
    workerThreads: 1,
  });
});

it('never makes more of a bound than it is, nor no bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 64 }),
      fc.record(
        Object.fromEntries(
          BOUNDS.map(name => [name, fc.integer({ min: 0, max: 1e12 })]),
        ),
      ),
      (processes, bounds) => {
        const config = { ...read(), ...bounds, maxBodyBytes: 1_024, processes };
        let divided;
        try {
          divided = divideConfig(config);
        } catch (error) {
          if (error instanceof ConfigError) return;
          throw error;
        }
        for (const name of BOUNDS) {
          expect(divided[name] * processes).toBeLessThanOrEqual(config[name]);
          expect(divided[name] === 0).toBe(config[name] === 0);
        }
      },
    ),
  );
});

it.each([
  [
    { GREENROOM_MAX_REQUESTS_IN_FLIGHT: '3' },
    'GREENROOM_MAX_REQUESTS_IN_FLIGHT is 3: expected at least 8, 1 for each of the processes (GREENROOM_PROCESSES).',
  ],
  [
    { GREENROOM_MODEL_MEMORY_BYTES: '7' },
    'GREENROOM_MODEL_MEMORY_BYTES is 7: expected at least 8, 1 for each of the processes (GREENROOM_PROCESSES).',
  ],
  [
    { GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: '134217727' },
    'GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT is 134217727: expected at least 134217728, room for one body (GREENROOM_MAX_BODY_BYTES) in each of 8 processes (GREENROOM_PROCESSES).',
  ],
])('refuses %j for 8 processes', (settings, sentence) => {
  const config = read({ GREENROOM_PROCESSES: '8', ...settings });
  expect(() => divideConfig(config)).toThrow(new ConfigError([sentence]));
});

it('takes the settings as they come for 8 processes', () => {
  expect(() => divideConfig(read({ GREENROOM_PROCESSES: '8' }))).not.toThrow();
});
