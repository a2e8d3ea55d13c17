import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { SteerRequest } from '../rollouts/RolloutService';
import { registerActions } from './registerActions';

const rollout: Rollout = {
  id: 'r-1',
  environment: 'production',
  model: 'digits',
  fromVersion: 1,
  toVersion: 2,
  kind: 'promotion',
  plan: { strategy: 'immediate', steps: [] },
  state: { phase: 'loading' },
  commit: 'abc',
  startedAt: '2026-05-03T12:00:00.000Z',
  history: [
    { at: '2026-05-03T12:00:00.000Z', weightPercent: 0, note: 'Begun' },
  ],
};

const deployment: Deployment = {
  environment: 'production',
  model: 'digits',
  wanted: {
    version: 2,
    digest: 'sha256:1',
    commit: 'abc',
    since: '2026-05-03T12:00:00.000Z',
  },
  variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
  convergence: { state: 'moving', reason: 'Loading' },
  dataPlanes: { ready: 0, total: 1, degraded: [] },
  rollout,
  updatedAt: '2026-05-03T12:00:00.000Z',
};

function setup(options: { deployed?: boolean; allowed?: boolean } = {}) {
  const { deployed = true, allowed = true } = options;
  const actionsRegistry = actionsRegistryServiceMock();
  const steered: [string, SteerRequest][] = [];
  registerActions({
    actionsRegistry,
    deployments: {
      listDeployments: async () => ({
        items: deployed ? [deployment] : [],
        totalItems: 1,
      }),
    },
    permissions: mockServices.permissions({
      result: allowed ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
    }),
    rollouts: {
      steer: async (id, request) => {
        steered.push([id, request]);
        return rollout;
      },
    },
  });
  const place = { environment: 'production', model: 'digits' };
  return {
    steered,
    async invoke(name: string, input: object = {}) {
      const { output } = await actionsRegistry.invoke({
        id: `test:${name}`,
        input: { ...place, ...input },
        credentials: mockCredentials.user(),
      });
      return output;
    },
  };
}

describe('actions of inference', () => {
  it('tell how a model is served', async () => {
    expect(await setup().invoke('get-deployment')).toEqual(deployment);
    await expect(
      setup({ deployed: false }).invoke('get-deployment'),
    ).rejects.toThrow("'digits' is not deployed to production");
    await expect(
      setup({ allowed: false }).invoke('get-deployment'),
    ).rejects.toThrow('ai-inference.deployment.read');
  });

  it('steer the rollout of a deployment', async () => {
    const { invoke, steered } = setup();
    expect(
      await invoke('steer-rollout', { act: 'abort', reason: 'Errors' }),
    ).toEqual({ toVersion: 2, phase: 'loading', note: 'Begun' });
    await invoke('steer-rollout', { act: 'pause' });
    expect(steered).toEqual([
      ['r-1', { act: 'abort', reason: 'Errors' }],
      ['r-1', { act: 'pause', reason: undefined }],
    ]);
  });

  it.each(['skip', 'abort', 'restart'])('need a reason to %s', async act => {
    const { invoke, steered } = setup();
    await expect(invoke('steer-rollout', { act, reason: ' ' })).rejects.toThrow(
      'reason: expected why',
    );
    expect(steered).toEqual([]);
  });
});
