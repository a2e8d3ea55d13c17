import type { BundleFile, Digest } from '@greenroom/plugin-ai-registry-common';
import { mockServices } from '@backstage/backend-test-utils';
import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signFiles } from './__testUtils__/signFiles';
import { compareFiles } from './compareFiles';
import { readModelSignature } from './readModelSignature';
import { readSigningKeys } from './readSigningKeys';
import { verifySignature } from './verifySignature';

jest.setTimeout(120_000);

const digestOf = (content: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** The tool itself; with keys it asks nobody. */
async function modelSigning(...words: string[]): Promise<void> {
  // `npm test` makes it, and leaves this test out where it cannot.
  const python = process.env.GREENROOM_TEST_PYTHON;
  if (!python) throw new Error('run this test by npm test -- jest');
  await promisify(execFile)(python, ['-m', 'model_signing', ...words], {
    timeout: 100_000,
  });
}

describe('signatures of the real tool', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'signing-'));
    await mkdir(at('bundle/weights'), { recursive: true });
    await writeFile(at('bundle/model.onnx'), 'the graph');
    await writeFile(at('bundle/weights/0.bin'), 'the weights');
    await writeFile(at('bundle/weights.json'), '{}');
    await writeFile(at('model.onnx'), 'one file');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function newKey(namedCurve: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const file = at(`${namedCurve}.pem`);
    const publicKeyFile = at(`${namedCurve}.pub`);
    await writeFile(file, privateKey.export({ type: 'sec1', format: 'pem' }));
    await writeFile(
      publicKeyFile,
      publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const keys = readSigningKeys(
      mockServices.rootConfig({
        data: {
          aiRegistry: {
            signing: { keys: [{ name: 'release', publicKeyFile }] },
          },
        },
      }),
    );
    return { file, publicKeyFile, keys, privateKey };
  }

  async function sign(model: string, key: string) {
    const file = at('model.sig');
    await modelSigning(
      'sign',
      'key',
      at(model),
      '--private_key',
      key,
      '--signature',
      file,
    );
    return JSON.parse(await readFile(file, 'utf8'));
  }

  const bundleFiles = (): Promise<BundleFile[]> =>
    Promise.all(
      ['model.onnx', 'weights/0.bin', 'weights.json'].map(async path => {
        const content = await readFile(at(`bundle/${path}`));
        return { path, digest: digestOf(content), sizeBytes: content.length };
      }),
    );

  it.each(['P-256', 'P-384', 'P-521'])(
    'of a bundle are verified, by keys of %s',
    async curve => {
      const { file, keys } = await newKey(curve);
      const signature = readModelSignature(await sign('bundle', file));
      expect(signature.keyId).toBe(keys[0].id);
      expect(verifySignature(signature, keys)).toEqual({
        state: 'verified',
        key: 'release',
      });
      const files = await bundleFiles();
      const digest = digestOf(Buffer.from('bundle.json'));
      expect(() => compareFiles(signature, { digest, files })).not.toThrow();
      const changed = { ...files[1], digest: digestOf(Buffer.from('others')) };
      expect(() =>
        compareFiles(signature, {
          digest,
          files: [files[0], changed, files[2]],
        }),
      ).toThrow("signed with another content: 'weights/0.bin'");
    },
  );

  it('of a single file are verified', async () => {
    const { file, keys } = await newKey('P-256');
    const signature = readModelSignature(await sign('model.onnx', file));
    expect(verifySignature(signature, keys).state).toBe('verified');
    const digest = digestOf(Buffer.from('one file'));
    expect(() => compareFiles(signature, { digest, files: [] })).not.toThrow();
    expect(() =>
      compareFiles(signature, {
        digest: digestOf(Buffer.from('!')),
        files: [],
      }),
    ).toThrow('it is of another file');
  });

  it('are those that other tests make, by the judgement of the tool', async () => {
    const { publicKeyFile, keys, privateKey } = await newKey('P-256');
    const files = (await bundleFiles()).map(({ path, digest }) => ({
      name: path,
      digest,
    }));
    const bundle = signFiles({ files, signer: { privateKey, key: keys[0] } });
    await writeFile(at('ours.sig'), JSON.stringify(bundle));
    const verify = () =>
      modelSigning(
        'verify',
        'key',
        at('bundle'),
        '--signature',
        at('ours.sig'),
        '--public_key',
        publicKeyFile,
      );
    await verify();
    await writeFile(at('bundle/weights.json'), '[]');
    await expect(verify()).rejects.toThrow();
    await writeFile(at('bundle/weights.json'), '{}');
  });
});
