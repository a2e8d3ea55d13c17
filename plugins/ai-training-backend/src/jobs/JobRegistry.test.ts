import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { JobRegistry } from './JobRegistry';

const CALL = {
  credentials: mockCredentials.user('user:default/ada'),
  req: { headers: {} },
};

/** A registry that gives all requests the same answer. */
function createRegistry(status: number, message: string) {
  const client = new AiRegistryClient({
    discoveryApi: { getBaseUrl: async () => 'http://registry' },
    fetchApi: {
      fetch: async () =>
        Response.json(
          {
            error: { name: 'Error', message },
            response: { statusCode: status },
          },
          { status },
        ),
    },
  });
  return new JobRegistry({
    auth: mockServices.auth.mock({
      getPluginRequestToken: async () => ({ token: 'ours' }),
    }),
    discovery: mockServices.discovery.mock(),
    client,
  });
}

const WANTED = { name: 'held_out', dataset: 'digits-test', version: 7 };

describe('a dataset that the registry does not give', () => {
  it('is named with the words of the registry where the request is wrong', async () => {
    const registry = createRegistry(
      400,
      'params/version must be <= 2147483647',
    );
    await expect(registry.findDataset(WANTED, CALL)).rejects.toMatchObject({
      name: 'InputError',
      message: 'datasets.held_out: params/version must be <= 2147483647',
    });
  });

  it('is named where there is none', async () => {
    const registry = createRegistry(404, 'gone');
    await expect(registry.findDataset(WANTED, CALL)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /^datasets\.held_out: there is no version 7 of a dataset 'digits-test'/,
      ),
    });
  });

  it('is not the fault of who asks where the registry cannot answer', async () => {
    const registry = createRegistry(503, 'away');
    await expect(registry.findDataset(WANTED, CALL)).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 503,
    });
  });
});
