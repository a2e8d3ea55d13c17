import { mockServices } from '@backstage/backend-test-utils';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { DeployedSettings } from './DeployedSettings';

describe('DeployedSettings', () => {
  it('hears of them again when they are old, and keeps them when nobody answers', async () => {
    let nowMillis = 1_000_000;
    const digits = { environment: 'production', model: 'digits' };
    const listDeployed = jest.fn(
      async () =>
        [
          { ...digits, wanted: { version: 3 }, recentRows: true },
          {
            ...digits,
            model: 'diabetes',
            wanted: { version: 4 },
            outcomes: { samplePercent: 1, keepDays: 7 },
          },
        ] as Deployment[],
    );
    const settings = new DeployedSettings({
      rollouts: { listDeployed },
      logger: mockServices.logger.mock(),
      clock: () => new Date(nowMillis),
    });
    expect(settings.find('production', 'digits')).toBeUndefined();
    // Nothing that somebody may still need is forgotten before it is known.
    expect(settings.longestKeepDays).toBe(365);
    expect(settings.keepDaysOf('production', 'diabetes')).toBe(365);
    await Promise.all([settings.refresh(), settings.refresh()]);
    await settings.refresh();
    expect(listDeployed).toHaveBeenCalledTimes(1);
    const expected = [
      {
        ...digits,
        version: 3,
        takesOutcomes: false,
        keepDays: 30,
        recentRows: true,
      },
      {
        ...digits,
        model: 'diabetes',
        version: 4,
        takesOutcomes: true,
        keepDays: 7,
        recentRows: false,
      },
    ];
    expect(settings.list()).toEqual(expected);
    expect(settings.longestKeepDays).toBe(30);
    expect(settings.keepDaysOf('production', 'diabetes')).toBe(7);
    nowMillis += 31_000;
    listDeployed.mockRejectedValueOnce(new Error('away'));
    await settings.refresh();
    expect(settings.list()).toEqual(expected);
    expect(listDeployed).toHaveBeenCalledTimes(2);
  });
});
