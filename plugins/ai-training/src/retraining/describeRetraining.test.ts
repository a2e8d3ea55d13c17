import type {
  RetrainingPolicy,
  RetrainingState,
} from '@greenroom/plugin-ai-training-common';
import { describeRetraining } from './describeRetraining';

const since = '2026-05-01T00:00:00.000Z';
const both = { template: 'digits', everyDays: 30, onDrift: true };

describe('describeRetraining', () => {
  it.each<[RetrainingState, RetrainingPolicy, boolean, RegExp]>([
    [
      { phase: 'idle', since, nextAt: since },
      both,
      true,
      /^It is trained .*2026.*, or when its input has drifted for an hour\.$/,
    ],
    [
      { phase: 'idle', since },
      { template: 'digits' },
      true,
      /^It is trained when somebody says so\.$/,
    ],
    [{ phase: 'idle', since }, both, false, /does not ask for it any more/],
    [
      { phase: 'due', since, because: { kind: 'days', days: 30 } },
      both,
      true,
      /within a minute, since 30 days have passed\.$/,
    ],
    [
      { phase: 'due', since, because: { kind: 'days', days: 1 } },
      both,
      true,
      /since 1 day has passed\.$/,
    ],
    [
      {
        phase: 'training',
        since,
        job: 'j',
        because: { kind: 'drift', version: 3, since },
      },
      both,
      true,
      /since the input of version 3 has drifted since .*2026/,
    ],
    [
      {
        phase: 'failed',
        since,
        because: { kind: 'person', by: 'user:default/ada' },
        reason: 'It broke.',
        retryAt: since,
      },
      both,
      true,
      /^It broke\. It is tried again .*2026/,
    ],
    [
      { phase: 'paused', since, by: 'user:default/ada', reason: 'No.' },
      both,
      true,
      /^Paused by ada: No\.$/,
    ],
  ])('says %j', (state, policy, isWanted, words) => {
    expect(describeRetraining({ state, policy, isWanted })).toMatch(words);
  });
});
