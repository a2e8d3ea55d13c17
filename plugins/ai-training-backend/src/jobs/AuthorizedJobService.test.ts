import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { TemplateStore } from '../templates/TemplateStore';
import { createJobHarness } from './__testUtils__/createJobHarness';
import { AuthorizedJobService } from './AuthorizedJobService';

jest.setTimeout(60_000);

const databases = trainingDatabases();

describe('AuthorizedJobService', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;
  let refused: string[];
  let claims: string[];

  beforeAll(async () => {
    knex = await databases.open();
  });
  beforeEach(async () => {
    refused = [];
    claims = ['user:default/ada', 'group:default/vision'];
    harness = await createJobHarness(knex);
  });
  afterEach(() => harness.clear());

  const call = {
    credentials: mockCredentials.user('user:default/ada'),
    req: { headers: {} },
  };
  const service = () =>
    new AuthorizedJobService({
      jobs: harness.service,
      templates: new TemplateStore({ knex }),
      guard: {
        visible: async () => undefined,
        requireRead: async () => {
          if (refused.includes('read')) throw new Error('may not read');
        },
      },
      permissions: mockServices.permissions.mock({
        authorize: async asked =>
          asked.map(({ permission }) => ({
            result: refused.includes(permission.name)
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
          })),
      }),
      claims: { of: async () => claims },
    });
  const submit = (fields: object = {}) =>
    service().submit({ template: 'digits', ...fields }, call);

  it.each(['ai-training.job.submit', 'ai-registry.dataset.download'])(
    'submits nothing without %s',
    async permission => {
      refused.push(permission);
      await expect(submit()).rejects.toThrow(permission);
      expect((await harness.jobs.list({})).items).toEqual([]);
    },
  );

  it("uses another team's quota for nobody who is not of it, by a clone or by resuming neither", async () => {
    claims.push('group:default/audio');
    const { id } = await submit({ team: 'group:default/audio' });
    claims.pop();
    const refusal = "team: you do not belong to 'group:default/audio'";
    await expect(submit({ team: 'group:default/audio' })).rejects.toThrow(
      refusal,
    );
    await expect(submit({ cloneOf: id })).rejects.toThrow(refusal);
    await expect(submit({ resumeOf: id })).rejects.toThrow(refusal);
    const own = { cloneOf: id, team: 'group:default/vision' };
    expect(await submit(own)).toMatchObject({ team: 'group:default/vision' });
  });

  it('asks once who reads a log, and each time who cancels', async () => {
    const { id } = await submit();
    const read = await service().openLog(id, call);
    refused.push('read', 'ai-training.job.steer');
    const part = { fromByte: 0, mostBytes: 10 };
    expect(await read(part)).toMatchObject({ attempt: 0 });
    await expect(service().openLog(id, call)).rejects.toThrow('may not read');
    await expect(service().cancel(id, call)).rejects.toThrow('job.steer');
    await expect(service().retry(id, call)).rejects.toThrow('job.steer');
  });
});
