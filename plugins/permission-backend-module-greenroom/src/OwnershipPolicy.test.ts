import {
  AuthorizeResult,
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import {
  aiDataPlaneOperatePermission,
  aiInferencePermissions,
  aiKeyCreatePermission,
  aiKeyRevokePermission,
  aiModelInvokePermission,
  aiRolloutSteerPermission,
} from '@greenroom/plugin-ai-inference-common';
import {
  aiDatasetCreatePermission,
  aiDatasetDownloadPermission,
  aiDatasetReadPermission,
  aiDatasetUpdatePermission,
  aiModelCreatePermission,
  aiModelPromotePermission,
  aiModelReadPermission,
  aiModelReviewPermission,
  aiModelUpdatePermission,
  aiPromotionOverridePermission,
  aiRegistryPermissions,
} from '@greenroom/plugin-ai-registry-common';
import {
  aiExperimentCreatePermission,
  aiExperimentReadPermission,
  aiExperimentUpdatePermission,
  aiRunWritePermission,
  aiTrainingPermissions,
} from '@greenroom/plugin-ai-training-common';
import { OwnershipPolicy } from './OwnershipPolicy';

const policy = new OwnershipPolicy({
  adminGroups: ['group:default/platform'],
  openEnvironments: ['dev'],
});

const userWith = (...ownershipEntityRefs: string[]) =>
  ({
    info: { userEntityRef: ownershipEntityRefs[0], ownershipEntityRefs },
  } as PolicyQueryUser);

const ada = userWith('user:default/ada', 'group:default/vision');
const admin = userWith('user:default/grace', 'group:default/platform');

const decide = (permission: Permission, user?: PolicyQueryUser) =>
  policy.handle({ permission }, user);

const unknown = (attributes: Permission['attributes']) =>
  createPermission({ name: 'somebody.thing.do', attributes });

describe('OwnershipPolicy', () => {
  it('lets every user see, and make keys and models of their own', async () => {
    for (const permission of [
      aiModelReadPermission,
      aiKeyCreatePermission,
      aiModelCreatePermission,
      aiDatasetReadPermission,
      aiDatasetDownloadPermission,
      aiDatasetCreatePermission,
      aiExperimentReadPermission,
      aiExperimentCreatePermission,
    ]) {
      expect(await decide(permission, ada)).toEqual({
        result: AuthorizeResult.ALLOW,
      });
    }
  });

  it('lets nobody without an account do anything, seeing included', async () => {
    for (const permission of [
      ...aiRegistryPermissions,
      ...aiInferencePermissions,
      ...aiTrainingPermissions,
    ]) {
      expect(await decide(permission)).toEqual({
        result: AuthorizeResult.DENY,
      });
    }
  });

  it.each([
    [aiModelUpdatePermission, 'ai-registry', 'ai-model', 'MODEL'],
    [aiDatasetUpdatePermission, 'ai-registry', 'ai-dataset', 'DATASET'],
    [
      aiModelPromotePermission,
      'ai-registry',
      'ai-model-in-environment',
      'MODEL',
    ],
    [
      aiModelReviewPermission,
      'ai-registry',
      'ai-model-in-environment',
      'MODEL',
    ],
    [
      aiExperimentUpdatePermission,
      'ai-training',
      'ai-experiment',
      'EXPERIMENT',
    ],
    [aiRunWritePermission, 'ai-training', 'ai-experiment', 'EXPERIMENT'],
    [aiRolloutSteerPermission, 'ai-inference', 'ai-deployment', 'MODEL'],
  ] as const)(
    'lets owners do $name with what they own',
    async (permission, pluginId, resourceType, owned) => {
      expect(await decide(permission, ada)).toEqual({
        result: AuthorizeResult.CONDITIONAL,
        pluginId,
        resourceType,
        conditions: {
          rule: `IS_${owned}_OWNER`,
          resourceType,
          params: { claims: ['user:default/ada', 'group:default/vision'] },
        },
      });
    },
  );

  it('lets owners call models, and everybody in the open environments', async () => {
    const resourceType = 'ai-deployment';
    expect(await decide(aiModelInvokePermission, ada)).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      conditions: {
        anyOf: [
          { rule: 'IS_MODEL_OWNER', resourceType },
          {
            rule: 'IS_IN_ENVIRONMENT',
            resourceType,
            params: { environments: ['dev'] },
          },
        ],
      },
    });
    const strict = new OwnershipPolicy({ adminGroups: [] });
    expect(
      await strict.handle({ permission: aiModelInvokePermission }, ada),
    ).toMatchObject({ conditions: { rule: 'IS_MODEL_OWNER' } });
  });

  it('lets the members of approving groups review what goes to their environments', async () => {
    const strict = new OwnershipPolicy({
      adminGroups: [],
      approvers: [
        { environment: 'live', groups: ['group:default/risk'] },
        { environment: 'test', groups: ['group:default/vision'] },
      ],
    });
    const resourceType = 'ai-model-in-environment';
    expect(
      await strict.handle({ permission: aiModelReviewPermission }, ada),
    ).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'ai-registry',
      conditions: {
        anyOf: [
          { rule: 'IS_MODEL_OWNER', resourceType },
          {
            rule: 'IS_IN_ENVIRONMENT',
            resourceType,
            params: { environments: ['test'] },
          },
        ],
      },
    });
    expect(
      await strict.handle({ permission: aiModelPromotePermission }, ada),
    ).toMatchObject({ conditions: { rule: 'IS_MODEL_OWNER' } });
  });

  it('lets approvers override gates in their environments, and no owners', async () => {
    const strict = new OwnershipPolicy({
      adminGroups: [],
      approvers: [{ environment: 'live', groups: ['group:default/risk'] }],
    });
    const resourceType = 'ai-model-in-environment';
    const permission = aiPromotionOverridePermission;
    const risk = userWith('user:default/ruth', 'group:default/risk');
    expect(await strict.handle({ permission }, risk)).toEqual({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'ai-registry',
      resourceType,
      conditions: {
        rule: 'IS_IN_ENVIRONMENT',
        resourceType,
        params: { environments: ['live'] },
      },
    });
    for (const policyOfSome of [strict, policy]) {
      expect(await policyOfSome.handle({ permission }, ada)).toEqual({
        result: AuthorizeResult.DENY,
      });
    }
    expect(await decide(permission, admin)).toEqual({
      result: AuthorizeResult.ALLOW,
    });
  });

  it('lets everybody start and stop data planes in the open environments, and only there', async () => {
    const resourceType = 'ai-deployment';
    expect(await decide(aiDataPlaneOperatePermission, ada)).toEqual({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'ai-inference',
      resourceType,
      conditions: {
        rule: 'IS_IN_ENVIRONMENT',
        resourceType,
        params: { environments: ['dev'] },
      },
    });
    const strict = new OwnershipPolicy({ adminGroups: [] });
    expect(
      await strict.handle({ permission: aiDataPlaneOperatePermission }, ada),
    ).toEqual({ result: AuthorizeResult.DENY });
  });

  it('lets admins do everything', async () => {
    for (const permission of [
      aiModelUpdatePermission,
      aiKeyRevokePermission,
      unknown({ action: 'delete' }),
      unknown({}),
    ]) {
      expect(await decide(permission, admin)).toEqual({
        result: AuthorizeResult.ALLOW,
      });
    }
  });

  it('keeps what it does not know for admins, reading and what has no action included', async () => {
    for (const permission of [
      unknown({ action: 'delete' }),
      unknown({ action: 'read' }),
      unknown({}),
      ...['scaffolder.template.dry-run', 'kubernetes.proxy'].map(name =>
        createPermission({ name, attributes: {} }),
      ),
    ]) {
      expect(await decide(permission, ada)).toEqual({
        result: AuthorizeResult.DENY,
      });
    }
  });

  it('opens what the configuration names', async () => {
    const wider = new OwnershipPolicy({
      adminGroups: [],
      openPermissions: ['somebody.thing.do'],
    });
    expect(await wider.handle({ permission: unknown({}) }, ada)).toEqual({
      result: AuthorizeResult.ALLOW,
    });
  });
});
