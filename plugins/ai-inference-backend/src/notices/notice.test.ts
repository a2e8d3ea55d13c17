import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import { nextNotice } from './notice';

const AT = '2026-05-03T12:00:00.000Z';
const completed: RolloutState = { phase: 'completed', completedAt: AT };
const loading = (attempts?: number): RolloutState => ({
  phase: 'loading',
  ...(attempts !== undefined && {
    problem: { error: 'opset 99', since: AT, attempts, nextTryAt: AT },
  }),
});
const told = { version: 2, reason: 'opset 99', at: AT };
const well = { online: 2, ready: 2, behind: [] };
const sick = (state: 'stuck' | 'loading') => ({
  online: 2,
  ready: 1,
  behind: [{ publicUrl: 'a', state, reason: 'a has no memory' }],
});
const away = { online: 0, ready: 0, behind: [] };

const doesNotLoad = (reason: string, elsewhere = false) => ({
  elsewhere,
  kind: 'does-not-load',
  version: 2,
  reason,
});
const mended = { kind: 'mended', version: 2 };

describe('nextNotice', () => {
  it.each([
    ['all is well', completed, well, undefined, undefined],
    [
      'a first try did not help',
      loading(1),
      sick('stuck'),
      undefined,
      undefined,
    ],
    [
      'trying again did not help',
      loading(2),
      away,
      undefined,
      doesNotLoad('opset 99'),
    ],
    ['that was told', loading(9), away, told, undefined],
    [
      'that was told of another version',
      loading(2),
      away,
      { ...told, version: 1 },
      doesNotLoad('opset 99'),
    ],
    [
      'a data plane got stuck afterwards',
      completed,
      sick('stuck'),
      undefined,
      doesNotLoad('a has no memory', true),
    ],
    ['a data plane restarts', completed, sick('loading'), undefined, undefined],
    ['it loads everywhere again', completed, well, told, mended],
    [
      'it loads in the middle of a rollout',
      { phase: 'progressing', step: 0, nextStepAt: AT },
      well,
      told,
      mended,
    ],
    [
      'a data plane still has to show it',
      completed,
      sick('loading'),
      told,
      undefined,
    ],
    ['all are away', completed, away, told, undefined],
  ] as [string, RolloutState, Parameters<typeof nextNotice>[0]['progress'], typeof told | undefined, object | undefined][])(
    'when %s',
    (_what, state, progress, before, expected) => {
      expect(
        nextNotice({ wanted: { version: 2, state }, progress, told: before }),
      ).toEqual(expected);
    },
  );
});
