import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import { AuthorizedRolloutService } from './AuthorizedRolloutService';
import type { SteerRequest } from './RolloutService';

const rollout = { environment: 'production', model: 'digits' } as Rollout;

function service(options: { permitted: string[]; approvers?: string[] }) {
  const { permitted, approvers } = options;
  const steered: SteerRequest[] = [];
  const asked: string[] = [];
  const config = mockServices.rootConfig({
    data: {
      greenroom: {
        environments: [
          {
            name: 'production',
            ...(approvers && { approvals: { groups: approvers } }),
          },
        ],
      },
    },
  });
  return {
    steered,
    asked,
    rollouts: new AuthorizedRolloutService({
      environments: Environments.fromConfig(config),
      claims: { of: async () => ['user:default/grace', 'group:default/risk'] },
      permissions: mockServices.permissions.mock({
        authorize: async requests =>
          requests.map(({ permission, resourceRef }) => {
            asked.push(`${permission.name} ${resourceRef}`);
            return {
              result: permitted.includes(permission.name)
                ? AuthorizeResult.ALLOW
                : AuthorizeResult.DENY,
            };
          }),
      }),
      rollouts: {
        get: async () => rollout,
        retry: async () => rollout,
        steer: async (_id, request) => {
          steered.push(request);
          return rollout;
        },
      },
    }),
  };
}

const grace = { credentials: mockCredentials.user('user:default/grace') };
const skip: SteerRequest = { act: 'skip', reason: 'seen in staging' };
const STEER = 'ai-inference.rollout.steer';
const REVIEW = 'ai-registry.model.review';

describe('AuthorizedRolloutService', () => {
  it('lets those steer who may, where the model runs', async () => {
    const { rollouts, asked, steered } = service({ permitted: [STEER] });
    await rollouts.steer('r', { act: 'pause' }, grace);
    expect(asked).toEqual([`${STEER} production/digits`]);
    expect(steered).toEqual([{ act: 'pause' }]);
  });

  it('lets reviewers skip an analysis, and not all who may steer', async () => {
    const reviewer = service({ permitted: [REVIEW] });
    await reviewer.rollouts.steer('r', skip, grace);
    expect(reviewer.steered).toEqual([skip]);
    const owner = service({ permitted: [STEER] });
    await expect(owner.rollouts.steer('r', skip, grace)).rejects.toThrow(
      REVIEW,
    );
    expect(owner.steered).toEqual([]);
  });

  it('asks for the approvers of the environment, where it has some', async () => {
    const risk = service({
      permitted: [REVIEW],
      approvers: ['group:default/risk'],
    });
    await risk.rollouts.steer('r', skip, grace);
    const others = service({
      permitted: [REVIEW],
      approvers: ['group:default/legal'],
    });
    await expect(others.rollouts.steer('r', skip, grace)).rejects.toThrow(
      'is skipped by members of group:default/legal',
    );
    expect(others.steered).toEqual([]);
  });
});
