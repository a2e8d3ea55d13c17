import { KubeConfig } from '@kubernetes/client-node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toClusterError } from './ClusterError';
import { TokenFile } from './TokenFile';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-file-'));
  file = join(folder, 'token');
});
afterAll(() => rm(folder, { recursive: true }));

async function headersWith(text: string) {
  await writeFile(file, text);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'prod', server: 'https://127.0.0.1:1' }],
    users: [{ name: 'prod', authProvider: TokenFile.authProvider(file) }],
    contexts: [{ name: 'prod', cluster: 'prod', user: 'prod' }],
    currentContext: 'prod',
  });
  TokenFile.register(config);
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options);
  return options.headers;
}

it('is sent without the line break that it was written with, and as it is at each request', async () => {
  expect(await headersWith('first\n')).toMatchObject({
    Authorization: 'Bearer first',
  });
  expect(await headersWith('second')).toMatchObject({
    Authorization: 'Bearer second',
  });
});

it.each(['', '\n', 'two words', 'a\nb'])(
  'is not sent where the file has %j, and the error shows nothing of it',
  async text => {
    const error = await headersWith(text).catch(String);
    expect(error).toContain(`the file ${file} holds no token`);
    expect(error).not.toContain('words');
  },
);

it('is in no error, whatever a library says', () => {
  const { message } = toClusterError(
    new TypeError('Bearer eyJ.secret.sig\n is not a legal HTTP header value'),
    10_000,
  );
  expect(message).toContain('is not a legal HTTP header value');
  expect(message).not.toContain('secret');
});
