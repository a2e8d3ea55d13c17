import { mockServices } from '@backstage/backend-test-utils';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { DeployedSettings } from './DeployedSettings';
import { forgetOutcomes } from './forgetOutcomes';

describe('forgetOutcomes', () => {
  it('forgets nothing that may be needed while nobody says how long it is', async () => {
    const now = new Date('2026-05-03T10:00:00Z');
    const listDeployed = jest
      .fn<Promise<Deployment[]>, []>()
      .mockRejectedValueOnce(new Error('away'))
      .mockResolvedValue([
        {
          environment: 'production',
          model: 'digits',
          wanted: { version: 1 },
          outcomes: { samplePercent: 1, keepDays: 90 },
        } as Deployment,
      ]);
    let nowMillis = now.getTime();
    const settings = new DeployedSettings({
      rollouts: { listDeployed },
      logger: mockServices.logger.mock(),
      clock: () => new Date(nowMillis),
    });
    const retention = { run: jest.fn(), forgetModel: jest.fn() };
    const forget = () =>
      forgetOutcomes({
        retention,
        settings,
        now,
        keepSumsMillis: 1_000,
        signal: new AbortController().signal,
      });
    await forget();
    nowMillis += 60_000;
    await forget();
    expect(retention.run.mock.calls.map(([{ keepDays }]) => keepDays)).toEqual([
      365, 90,
    ]);
    expect(retention.forgetModel).not.toHaveBeenCalled();
  });
});
