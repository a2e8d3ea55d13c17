import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { VersionRights } from './VersionRights';

const JOB = '0b6a6a0e-2c11-4d0e-9d2d-1f6c6f6c6f6c';
const OTHER_JOB = '1b6a6a0e-2c11-4d0e-9d2d-1f6c6f6c6f6c';
const attempt = (number: number, job = JOB) =>
  `training.${job}.${number}.0123abcd`;

const as = (name: string) => ({
  credentials: mockCredentials.service(`greenroom:${name}`),
});

function rights(may: string[], createdBy = 'user:default/ada') {
  return new VersionRights({
    versions: {
      get: async ({ version }) => ({ version, createdBy } as never),
    },
    permissions: mockServices.permissions.mock({
      authorize: async requests =>
        requests.map(({ permission }) => ({
          result: may.includes(permission.name)
            ? AuthorizeResult.ALLOW
            : AuthorizeResult.DENY,
        })),
    }),
  });
}

const REGISTER = 'ai-registry.version.register';
const UPDATE = 'ai-registry.model.update';
const ref = { model: 'digits', version: 3 };

it('the program of a job changes versions of all attempts of its job', async () => {
  await expect(
    rights([REGISTER], `service:${attempt(1)}`).requireChange(
      ref,
      as(attempt(2)),
    ),
  ).resolves.toBeUndefined();
});

it.each([`service:${attempt(1, OTHER_JOB)}`, 'user:default/ada'])(
  'the program of a job does not change a version of %s',
  async createdBy => {
    await expect(
      rights([REGISTER], createdBy).requireChange(ref, as(attempt(2))),
    ).rejects.toThrow(`version 3 was registered by '${createdBy}'`);
  },
);

it('who may change the model may change every version', async () => {
  const may = rights([UPDATE]);
  await expect(may.requireChange(ref, as('ci'))).resolves.toBeUndefined();
  await expect(
    may.requireRegister('digits', as('ci')),
  ).resolves.toBeUndefined();
  await expect(
    rights([REGISTER]).requireRegister('digits', as('ci')),
  ).resolves.toBeUndefined();
});

it('says what is missing to who has no right at all, also of a version of its own', async () => {
  const none = rights([], 'service:ci');
  await expect(none.requireRegister('digits', as('ci'))).rejects.toThrow(
    `needs a scope with the permission '${UPDATE}' on 'digits'`,
  );
  await expect(none.requireChange(ref, as('ci'))).rejects.toThrow(
    `needs a scope with the permission '${UPDATE}' on 'digits'`,
  );
});
