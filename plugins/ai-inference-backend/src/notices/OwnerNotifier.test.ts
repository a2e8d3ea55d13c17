import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { readPortalPages } from '@greenroom/ai-node';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import {
  desiredDeployment,
  loadedVersion,
  modelVersion,
} from '../__testUtils__/fixtures';
import { comparisonReport } from '../__testUtils__/comparisonReport';
import type { AnalysisReading } from '../rollouts/AnalysisSource';
import { NoticeStore } from './NoticeStore';
import { OwnerNotifier } from './OwnerNotifier';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('OwnerNotifier', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;
  let said: AnalysisReading;
  const send = jest.fn(async (_message: unknown) => {});

  beforeEach(async () => {
    send.mockReset();
    said = { kind: 'nothing-counted' };
    registry = await FakeRegistry.start();
    registry.versions = [1, 2].map(version => modelVersion(version));
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
      analyse: () => said,
    });
    await plane.reconcile(desiredDeployment(1));
    await plane.report([loadedVersion(1)]);
    await plane.tick();
    await plane.reconcile(desiredDeployment(2));
  });

  afterEach(() => registry.stop());

  const look = () =>
    new OwnerNotifier({
      notices: new NoticeStore(plane),
      dataPlanes: plane.dataPlanes,
      registry: new AiRegistryClient({
        discoveryApi: { getBaseUrl: async () => registry.url },
      }),
      notifications: { send },
      pages: readPortalPages(
        mockServices.rootConfig({
          data: { greenroom: { pages: { 'ai-inference': '/serving' } } },
        }),
      ),
      auth: mockServices.auth(),
      logger: plane.logger,
      clock: plane.clock,
    }).run(new AbortController().signal);

  const broken = { ...loadedVersion(2, 'failed'), error: 'opset 99' };

  async function failFor(seconds: number) {
    for (let second = 0; second < seconds; second += 5) {
      await plane.report([loadedVersion(1), broken]);
      await plane.tick();
      await Promise.all([look(), look()]);
      plane.sleep(5);
    }
  }

  it('tells the owners once that a version does not load, and once that it does', async () => {
    await failFor(120);
    expect(send.mock.calls).toEqual([
      [
        {
          recipients: { type: 'entity', entityRef: 'group:default/vision' },
          payload: {
            title: "'digits' in production: version 2 does not load",
            description:
              'The data plane at http://one:7080 could not load version 2: opset 99. It is tried again until it loads.',
            link: '/serving/deployments?environment=production',
            severity: 'high',
            topic: 'ai-inference-deployment',
            scope: 'deployment:production/digits',
          },
        },
      ],
    ]);
    await plane.report([loadedVersion(1), loadedVersion(2)]);
    await plane.tick();
    await look();
    await look();
    expect(send).toHaveBeenCalledTimes(2);
    expect(send).toHaveBeenLastCalledWith(
      expect.objectContaining({
        payload: expect.objectContaining({
          title: "'digits' in production: version 2 is loaded",
          severity: 'normal',
        }),
      }),
    );
  });

  it('tells it later when it cannot be told now', async () => {
    send.mockRejectedValueOnce(new Error('no notifications today'));
    await failFor(20);
    expect(plane.logger.warn).toHaveBeenCalledTimes(1);
    expect(send.mock.calls.length).toBeGreaterThan(1);
    const calls = send.mock.calls.length;
    await failFor(60);
    expect(send).toHaveBeenCalledTimes(calls);
  });

  it('tells once that the analysis took a version back', async () => {
    const both = [loadedVersion(1), loadedVersion(2)];
    await plane.report(both);
    await plane.tick();
    const [{ comparison }] = await plane.rollouts.list({ limit: 1 });
    if (!comparison) throw new Error('It compares');
    said = {
      kind: 'report',
      report: comparisonReport(comparison, {
        verdict: {
          kind: 'take-back',
          version: 2,
          metric: 'errors',
          reason: 'errors: 4 %',
        },
      }),
    };
    plane.sleep(3);
    await plane.report(both);
    await plane.tick();
    await Promise.all([look(), look()]);
    await look();
    expect(send.mock.calls).toEqual([
      [
        {
          recipients: { type: 'entity', entityRef: 'group:default/vision' },
          payload: expect.objectContaining({
            title: "'digits' in production: version 2 was taken back",
            description:
              'By the analysis: errors: 4 %. What ran before has all traffic.',
            severity: 'high',
            scope: 'rollout:production/digits',
          }),
        },
      ],
    ]);
  });
});
