import type {
  JobState,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { attemptOfLog } from './attemptOfLog';

const since = '2026-03-01T10:00:00.000Z';
const RUNNING: JobState = { phase: 'running', since };
const SUCCEEDED: JobState = { phase: 'succeeded', since };

function jobOf(state: JobState, attempts: number) {
  return {
    id: 'job-1',
    state,
    attempts: Array.from({ length: attempts }, (_, index) => ({
      number: index + 1,
    })) as TrainingJob['attempts'],
  };
}

it.each([
  ['the last one where none is named', SUCCEEDED, 2, undefined, 2],
  ['the last one where a browser was told of none', RUNNING, 2, 0, 2],
  ['an earlier one', SUCCEEDED, 2, 1, 1],
  ['none before the first one has begun', RUNNING, 0, undefined, 0],
  ['the next one of a job that goes on', RUNNING, 1, 2, 2],
])('reads the log of %s', (_, state, attempts, wanted, attempt) => {
  expect(attemptOfLog(jobOf(state, attempts), wanted)).toBe(attempt);
});

it.each([
  [SUCCEEDED, 1, 2, 'succeeded and has no attempt 2: expected 1'],
  [SUCCEEDED, 3, 99, 'succeeded and has no attempt 99: expected 1 to 3'],
  [RUNNING, 1, 3, 'running and has no attempt 3: expected 1 to 2'],
  [SUCCEEDED, 0, 1, 'has no attempt 1: expected none, since it never began'],
])(
  'refuses %j with %i attempts for attempt %i',
  (state, attempts, wanted, said) => {
    expect(() => attemptOfLog(jobOf(state, attempts), wanted)).toThrow(
      expect.objectContaining({
        name: 'NotFoundError',
        message: expect.stringContaining(said),
      }),
    );
  },
);
