import { mockServices } from '@backstage/backend-test-utils';
import type { PlaceholderResolverParams } from '@backstage/plugin-catalog-node';
import { createOpenApiResolver } from './createOpenApiResolver';

const document = { openapi: '3.1.0', info: { title: 'Books', version: '1' } };

function setUp(answers: (() => Promise<Response>)[]) {
  const request = jest.fn<Promise<Response>, Parameters<typeof fetch>>(() =>
    (answers.length > 1 ? answers.shift()! : answers[0])(),
  );
  const resolve = createOpenApiResolver({
    auth: mockServices.auth({ pluginId: 'catalog' }),
    discovery: mockServices.discovery(),
    fetch: request,
    attempts: 3,
    retryMillis: 0,
  });
  const params = (value: PlaceholderResolverParams['value']) => ({
    key: 'openApiOf',
    value,
    baseUrl: '',
    read: async () => Buffer.from(''),
    resolveUrl: () => '',
    emit: () => {},
  });
  return {
    request,
    resolve: async (value: PlaceholderResolverParams['value']) =>
      resolve(params(value)),
  };
}

const good = async () => Response.json(document);
const starting = async () => new Response('starting', { status: 503 });
const unreachable = async () => {
  throw new TypeError('fetch failed');
};

describe('createOpenApiResolver', () => {
  it('gives the document that the plugin serves, as text', async () => {
    const { request, resolve } = setUp([good]);
    const definition = await resolve('books');
    expect(JSON.parse(String(definition))).toEqual(document);
    const [url, init] = request.mock.calls[0];
    expect(url).toMatch(/\/api\/books\/openapi\.json$/);
    expect(new Headers(init?.headers).get('authorization')).toMatch(
      /^Bearer ./,
    );
  });

  it('waits for a plugin that is starting', async () => {
    const { request, resolve } = setUp([unreachable, starting, good]);
    await expect(resolve('books')).resolves.toContain('Books');
    expect(request).toHaveBeenCalledTimes(3);
  });

  it('gives up in the end, with the reason', async () => {
    const { request, resolve } = setUp([starting]);
    await expect(resolve('books')).rejects.toThrow(/503/);
    expect(request).toHaveBeenCalledTimes(3);
  });

  it.each([null, 7, '../secret', 'http://elsewhere'])(
    'refuses %p, which is no plugin id',
    async value => {
      const { request, resolve } = setUp([good]);
      await expect(resolve(value)).rejects.toThrow(/id of a backend plugin/);
      expect(request).not.toHaveBeenCalled();
    },
  );
});
