import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import {
  aiKeyCreatePermission,
  aiKeyRevokePermission,
} from '@greenroom/plugin-ai-inference-common';
import {
  aiModelCreatePermission,
  aiModelReadPermission,
  aiModelReviewPermission,
  aiModelUpdatePermission,
} from '@greenroom/plugin-ai-registry-common';
import { OwnershipPolicy } from './OwnershipPolicy';

const policy = new OwnershipPolicy({ adminGroups: ['group:default/platform'] });

const userWith = (...ownershipEntityRefs: string[]) =>
  ({
    info: { userEntityRef: ownershipEntityRefs[0], ownershipEntityRefs },
  } as PolicyQueryUser);

const ada = userWith('user:default/ada', 'group:default/vision');
const admin = userWith('user:default/grace', 'group:default/platform');

describe('OwnershipPolicy', () => {
  it('lets everybody read', async () => {
    await expect(
      policy.handle({ permission: aiModelReadPermission }, undefined),
    ).resolves.toEqual({ result: AuthorizeResult.ALLOW });
  });

  it('lets owners write what they own', async () => {
    for (const permission of [
      aiModelUpdatePermission,
      aiModelReviewPermission,
    ]) {
      await expect(policy.handle({ permission }, ada)).resolves.toEqual({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'ai-registry',
        resourceType: 'ai-model',
        conditions: {
          rule: 'IS_MODEL_OWNER',
          resourceType: 'ai-model',
          params: { claims: ['user:default/ada', 'group:default/vision'] },
        },
      });
    }
  });

  it('lets admins do everything', async () => {
    for (const permission of [aiModelUpdatePermission, aiKeyRevokePermission]) {
      await expect(policy.handle({ permission }, admin)).resolves.toEqual({
        result: AuthorizeResult.ALLOW,
      });
    }
  });

  it('lets every user make keys and models of their own, and nobody without an account', async () => {
    for (const permission of [aiKeyCreatePermission, aiModelCreatePermission]) {
      await expect(policy.handle({ permission }, ada)).resolves.toEqual({
        result: AuthorizeResult.ALLOW,
      });
      await expect(policy.handle({ permission }, undefined)).resolves.toEqual({
        result: AuthorizeResult.DENY,
      });
    }
  });

  it('keeps unknown writes and the cluster proxy for admins', async () => {
    const unknownWrite = {
      type: 'basic',
      name: 'somebody.thing.delete',
      attributes: { action: 'delete' },
    } as const;
    const proxy = {
      type: 'basic',
      name: 'kubernetes.proxy',
      attributes: {},
    } as const;
    for (const permission of [unknownWrite, proxy]) {
      await expect(policy.handle({ permission }, ada)).resolves.toEqual({
        result: AuthorizeResult.DENY,
      });
    }
  });
});
