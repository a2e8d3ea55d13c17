import {
  AuthorizeResult,
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import { aiKeyRevokePermission } from '@greenroom/plugin-ai-inference-common';
import {
  aiModelPromotePermission,
  aiModelReadPermission,
} from '@greenroom/plugin-ai-registry-common';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OurPolicy } from './__testUtils__/OurPolicy';

const userWith = (...ownershipEntityRefs: string[]) =>
  ({
    info: { userEntityRef: ownershipEntityRefs[0], ownershipEntityRefs },
  } as PolicyQueryUser);
const ada = userWith('user:default/ada', 'group:default/vision');
const olga = userWith('user:default/olga', 'group:default/on-call');

const decide = (permission: Permission, user?: PolicyQueryUser) =>
  new OurPolicy().handle({ permission }, user);

describe('the policy in the README', () => {
  it('is the one that is tried here', async () => {
    const read = (name: string) => readFile(join(__dirname, name), 'utf8');
    const readme = await read(
      '../../../plugins/permission-backend-module-greenroom/README.md',
    );
    expect(readme).toContain(
      `\`\`\`ts\n${await read('__testUtils__/OurPolicy.ts')}\`\`\``,
    );
  });

  it('has an exception for the people on call', async () => {
    const owns = { rule: 'IS_MODEL_OWNER' };
    expect(await decide(aiModelPromotePermission, olga)).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      conditions: {
        anyOf: [
          owns,
          {
            rule: 'IS_IN_ENVIRONMENT',
            params: { environments: ['staging'] },
          },
        ],
      },
    });
    expect(await decide(aiModelPromotePermission, ada)).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      conditions: owns,
    });
  });

  it('leaves the rest of Greenroom to Greenroom, and keeps what was there', async () => {
    const allow = { result: AuthorizeResult.ALLOW };
    const deny = { result: AuthorizeResult.DENY };
    expect(await decide(aiModelReadPermission, ada)).toEqual(allow);
    expect(await decide(aiModelReadPermission)).toEqual(deny);
    expect(await decide(aiKeyRevokePermission, ada)).toEqual(deny);
    const ofSomebodyElse = createPermission({
      name: 'catalog.entity.delete',
      attributes: {},
    });
    expect(await decide(ofSomebodyElse, ada)).toEqual(allow);
  });
});
