import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRegisterModelAction } from './createRegisterModelAction';

const ada = mockCredentials.user('user:default/ada');
const digestOf = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Against somebody who answers as the registry does. */
describe('greenroom:register-model', () => {
  let server: Server;
  let workspace: string;
  let models: string[];
  const asked: { what: string; authorization?: string; body: any }[] = [];

  beforeEach(async () => {
    workspace = await mkdtemp(path.join(tmpdir(), 'workspace-'));
    asked.length = 0;
    models = [];
    server = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const { method, url, headers } = req;
      const body = headers['content-type']?.includes('json')
        ? JSON.parse(text)
        : text;
      const what = `${method} ${url?.replace('/ai-registry', '')}`;
      asked.push({ what, authorization: headers.authorization, body });
      const answer = (status: number, value: object) =>
        res
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(value));
      if (what === 'POST /models') return answer(201, body);
      if (what === 'POST /artifacts') {
        return answer(201, { digest: digestOf(text), sizeBytes: text.length });
      }
      if (what.startsWith('POST')) {
        return answer(201, { version: 7, digest: digestOf('bundle') });
      }
      return models.includes(what.replace('GET /models/', ''))
        ? answer(200, {})
        : answer(404, { error: { name: 'NotFoundError', message: 'None' } });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    await new Promise(resolve => {
      server.close(resolve);
    });
    await rm(workspace, { recursive: true, force: true });
  });

  async function run(input: object, kept = new Map<string, unknown>()) {
    const outputs: Record<string, unknown> = {};
    const { port } = server.address() as AddressInfo;
    const action = createRegisterModelAction({
      auth: mockServices.auth({ pluginId: 'scaffolder' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async pluginId => `http://127.0.0.1:${port}/${pluginId}`,
      }),
    });
    await action.handler({
      ...createMockActionContext<any, any>({ input: input as any }),
      workspacePath: workspace,
      output: (name: string, value: unknown) => {
        outputs[name] = value;
      },
      getInitiatorCredentials: async () => ada,
      checkpoint: async ({ key, fn }: any) => {
        if (!kept.has(key)) kept.set(key, await fn());
        return kept.get(key);
      },
    } as any);
    return outputs;
  }
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(workspace, file)), { recursive: true });
    await writeFile(path.join(workspace, file), text);
  };
  const what = () => asked.map(one => one.what);

  it('registers a model with a file, in the name of whoever uses the template', async () => {
    await write('model.onnx', 'weights');
    const outputs = await run({
      model: 'iris',
      task: 'classification',
      owner: 'group:default/vision',
      description: 'Flowers',
      tags: { license: 'mit' },
      path: 'model.onnx',
      versionDescription: 'The first',
      sourceUrl: 'https://example.com/model.onnx',
    });
    expect(what()).toEqual([
      'GET /models/iris',
      'POST /models',
      'POST /artifacts',
      'POST /models/iris/versions',
    ]);
    expect(asked[1].body).toEqual({
      name: 'iris',
      task: 'classification',
      owner: 'group:default/vision',
      description: 'Flowers',
      tags: { license: 'mit' },
    });
    expect(asked[3].body).toEqual({
      digest: digestOf('weights'),
      description: 'The first',
      source: { uri: 'https://example.com/model.onnx' },
    });
    const header = mockCredentials.service.header({
      onBehalfOf: ada,
      targetPluginId: 'ai-registry',
    });
    expect(asked.every(one => one.authorization === header)).toBe(true);
    expect(outputs).toEqual({
      model: 'iris',
      version: 7,
      digest: digestOf('bundle'),
      page: '/ai-registry/models/iris/versions/7',
    });
  });

  it('makes a bundle of a folder, for a model that is there, which stays as it is', async () => {
    models = ['iris'];
    await write('model/weights/b.bin', 'b');
    await write('model/model.onnx', 'a');
    const input = { model: 'iris', path: 'model', description: 'Another' };
    const kept = new Map<string, unknown>();
    await run(input, kept);
    expect(asked.at(-1)!.body).toEqual({
      bundle: {
        format: 'onnx',
        files: [
          { path: 'model.onnx', digest: digestOf('a'), sizeBytes: 1 },
          { path: 'weights/b.bin', digest: digestOf('b'), sizeBytes: 1 },
        ],
      },
    });
    expect(what()).not.toContain('POST /models');
    // The task was interrupted after it, and goes on.
    await run(input, kept);
    expect(
      what().filter(one => one === 'POST /models/iris/versions'),
    ).toHaveLength(1);
  });

  it('takes a file that was uploaded before', async () => {
    models = ['iris'];
    await run({ model: 'iris', digest: digestOf('x') });
    expect(what()).toEqual(['GET /models/iris', 'POST /models/iris/versions']);
    expect(asked[1].body).toEqual({ digest: digestOf('x') });
  });

  it.each([
    ['path', { model: 'iris' }],
    ['path', { model: 'iris', path: 'a', digest: digestOf('x') }],
    ['path', { model: 'known', path: 'nothing' }],
    ['path', { model: 'known', path: 'linked' }],
    ['task', { model: 'iris', path: 'a' }],
  ])('names %s where that is wrong: %j', async (field, input) => {
    models = ['known'];
    await mkdir(path.join(workspace, 'linked'));
    await symlink('/etc/passwd', path.join(workspace, 'linked/model.onnx'));
    await expect(run(input)).rejects.toThrow(`${field}: `);
    expect(what().filter(one => one.startsWith('POST'))).toEqual([]);
  });

  it('reads nothing outside of the workspace', async () => {
    models = ['known'];
    await symlink('/etc/passwd', path.join(workspace, 'link'));
    for (const outside of ['../x', '/etc/passwd', 'link']) {
      await expect(run({ model: 'known', path: outside })).rejects.toThrow();
    }
    expect(what().filter(one => one.startsWith('POST'))).toEqual([]);
  });
});
