import { movingDigits } from '../__testUtils__/serveModel';
import { movingRollouts } from './movingRollouts';

describe('movingRollouts', () => {
  it('gives the share of the new version while its rollout runs', () => {
    expect(movingRollouts([movingDigits])).toEqual([
      { environment: 'production', version: 2, weightPercent: 10 },
    ]);
  });

  it('counts a version that is still loading as having nothing', () => {
    const { rollout, variants } = movingDigits;
    const loading = {
      ...movingDigits,
      variants: variants.slice(0, 1),
      rollout: rollout && { ...rollout, state: { phase: 'loading' as const } },
    };
    expect(movingRollouts([loading])).toMatchObject([{ weightPercent: 0 }]);
  });

  it('leaves out what has ended or never began', () => {
    const { rollout } = movingDigits;
    const ended = {
      phase: 'completed' as const,
      completedAt: '2026-05-03T08:01:00.000Z',
    };
    expect(
      movingRollouts([
        { ...movingDigits, rollout: rollout && { ...rollout, state: ended } },
        { ...movingDigits, rollout: undefined },
      ]),
    ).toEqual([]);
  });
});
