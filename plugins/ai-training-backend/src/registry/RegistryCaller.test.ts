import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ResponseError } from '@backstage/errors';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { RegistryCaller } from './RegistryCaller';

/** A registry that tells which token it was asked with, or refuses. */
function createCaller(answer: () => Response = () => Response.json({})) {
  const asked: Headers[] = [];
  const auth = mockServices.auth.mock({
    getPluginRequestToken: async ({ onBehalfOf, targetPluginId }) => ({
      token: `${
        (onBehalfOf.principal as { type: string }).type
      }-at-${targetPluginId}`,
    }),
  });
  const client = new AiRegistryClient({
    discoveryApi: { getBaseUrl: async () => 'http://registry' },
    fetchApi: {
      fetch: async (_url, init) => {
        asked.push(new Headers(init?.headers));
        return answer();
      },
    },
  });
  const caller = new RegistryCaller({
    auth,
    client,
    discovery: mockServices.discovery.mock(),
  });
  return { caller, tokens: () => asked.map(one => one.get('authorization')) };
}

const req = { headers: { authorization: 'Bearer sent-by-the-caller' } };

describe('RegistryCaller', () => {
  it('acts for people and plugins, and sends the token of a program on', async () => {
    const { caller, tokens } = createCaller();
    for (const credentials of [
      mockCredentials.user(),
      mockCredentials.service('plugin:scaffolder'),
      mockCredentials.service('greenroom:trainer'),
    ]) {
      await caller.ask({ credentials, req }, (registry, options) =>
        registry.getModel('iris', options),
      );
    }
    expect(tokens()).toEqual([
      'Bearer user-at-ai-registry',
      'Bearer service-at-ai-registry',
      'Bearer sent-by-the-caller',
    ]);
  });

  it.each([{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer ' }])(
    'acts for no program whose token did not come: %j',
    async headers => {
      const { caller, tokens } = createCaller();
      const asked = caller.ask(
        {
          credentials: mockCredentials.service('greenroom:trainer'),
          req: { headers },
        },
        (registry, options) => registry.getModel('iris', options),
      );
      await expect(asked).rejects.toThrow(
        "The token of 'service:trainer' did not come with the call",
      );
      expect(tokens()).toEqual([]);
    },
  );

  it.each([
    [400, 'INVALID_PARAMETER_VALUE'],
    [403, 'PERMISSION_DENIED'],
    [404, 'RESOURCE_DOES_NOT_EXIST'],
    [409, 'RESOURCE_CONFLICT'],
  ])(
    'passes on why the registry refuses with %s',
    async (status, errorCode) => {
      const { caller } = createCaller(() =>
        Response.json(
          { error: { name: 'Error', message: 'Because' }, response: {} },
          { status },
        ),
      );
      await expect(
        caller.ask({ credentials: mockCredentials.user(), req }, registry =>
          registry.getModel('iris'),
        ),
      ).rejects.toMatchObject({ errorCode, message: 'Because' });
    },
  );

  it('leaves it to others to say what is away', async () => {
    const { caller } = createCaller(() => new Response('', { status: 502 }));
    await expect(
      caller.ask({ credentials: mockCredentials.user(), req }, registry =>
        registry.getModel('iris'),
      ),
    ).rejects.toBeInstanceOf(ResponseError);
  });

  it('tells callers that the registry hangs, before they give up themselves', async () => {
    const auth = mockServices.auth.mock({
      getPluginRequestToken: async () => ({ token: 'token' }),
    });
    const caller = new RegistryCaller({
      auth,
      discovery: mockServices.discovery.mock(),
      answerMillis: 20,
    });
    const hangs = caller.ask(
      { credentials: mockCredentials.user(), req },
      (_registry, { signal }) =>
        new Promise((_done, fail) => {
          signal?.addEventListener('abort', () => fail(signal.reason));
        }),
    );
    await expect(hangs).rejects.toMatchObject({
      errorCode: 'DEADLINE_EXCEEDED',
    });
  });
});
