import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiRegistryClient,
  aiModelUpdatePermission,
} from '@greenroom/plugin-ai-registry-common';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../../plugin';
import { newSigner, signFiles } from './__testUtils__/signFiles';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { token: mockCredentials.user.token('user:default/ada') };
const MODEL = 'linear';

describe('signatures of versions', () => {
  let directory: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();
  const release = newSigner();
  const stranger = newSigner();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({
          knex: await databases.open(),
        }),
        permissions.factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'team' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory },
              environments: { directory: join(directory, 'environments.git') },
              signing: { keys: [{ name: 'release', publicKey: release.pem }] },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
    allowAll();
    await client.createModel(
      { name: MODEL, task: 'regression', owner: 'group:default/team' },
      options,
    );
    const content = await readFile(
      join(__dirname, '../../onnx/__fixtures__/classifier.onnx'),
    );
    const { digest } = await client.uploadArtifact(content, options);
    await client.createVersion(MODEL, { digest }, options);
  });

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(allowAll);

  function allowAll() {
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
  }

  async function signedBy(signer: ReturnType<typeof newSigner>) {
    const { digest } = await client.getVersion(MODEL, 1, options);
    return signFiles({ files: [{ name: '.', digest }], signer });
  }

  it('are told with the version, and given back as they were given', async () => {
    const before = await client.getVersion(MODEL, 1, options);
    expect(before).not.toHaveProperty('signing');
    await expect(
      client.getVersionSignature(MODEL, 1, options),
    ).rejects.toMatchObject({ statusCode: 404 });
    const bundle = await signedBy(release);
    const signing = await client.signVersion(MODEL, 1, bundle, options);
    expect(signing).toMatchObject({
      keyId: release.key.id,
      addedBy: 'user:default/ada',
      verification: { state: 'verified', key: 'release' },
    });
    const after = await client.getVersion(MODEL, 1, options);
    expect(after.signing).toEqual(signing);
    expect(after.digest).toBe(before.digest);
    await expect(
      client.getVersionSignature(MODEL, 1, options),
    ).resolves.toEqual(bundle);
  });

  it('replace one another, with the history in the audit log', async () => {
    await client.signVersion(MODEL, 1, await signedBy(stranger), options);
    const { signing } = await client.getVersion(MODEL, 1, options);
    expect(signing?.verification).toMatchObject({ state: 'unknown-signer' });
    const { items } = await client.listAudit(
      { action: 'version-signed' },
      options,
    );
    expect(items[0]).toMatchObject({
      model: MODEL,
      actor: 'user:default/ada',
      before: { version: 1, keyId: release.key.id },
      after: { version: 1, keyId: stranger.key.id },
    });
    expect(items[1].before).toBeUndefined();
  });

  it('are refused when they sign something else, and change nothing then', async () => {
    const before = await client.getVersionSignature(MODEL, 1, options);
    const other = signFiles({
      files: [{ name: '.', digest: `sha256:${'0'.repeat(64)}` }],
      signer: release,
    });
    await expect(
      client.signVersion(MODEL, 1, other, options),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: {
        error: {
          message: expect.stringContaining(
            'The signature is not taken: it is of another file',
          ),
        },
      },
    });
    const forged = await signedBy({ ...stranger, key: release.key });
    await expect(
      client.signVersion(MODEL, 1, forged, options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      client.getVersionSignature(MODEL, 1, options),
    ).resolves.toEqual(before);
  });

  it('may be given by those who may register versions', async () => {
    const bundle = await signedBy(release);
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result:
          permission.name === aiModelUpdatePermission.name
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    await expect(
      client.signVersion(MODEL, 1, bundle, options),
    ).rejects.toMatchObject({ statusCode: 403 });
  });

  it('stand beside a bill of materials of every version', async () => {
    const { digest } = await client.getVersion(MODEL, 1, options);
    const bom = await client.getMlBom(MODEL, 1, options);
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      version: 1,
      metadata: {
        component: {
          name: MODEL,
          hashes: [{ content: digest.replace('sha256:', '') }],
        },
      },
    });
    await expect(client.getMlBom(MODEL, 1, options)).resolves.toEqual(bom);
    await client.addEvaluation(
      MODEL,
      1,
      {
        dataset: { name: 'held out', digest, rows: 10 },
        metrics: { error: 2 },
        primary: { name: 'error', higherIsBetter: false },
      },
      options,
    );
    await expect(client.getMlBom(MODEL, 1, options)).resolves.toMatchObject({
      serialNumber: bom.serialNumber,
      version: 2,
    });
    await expect(client.getMlBom(MODEL, 99, options)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('belong to versions that there are', async () => {
    const bundle = await signedBy(release);
    await expect(
      client.signVersion(MODEL, 99, bundle, options),
    ).rejects.toMatchObject({ statusCode: 404 });
  });
});
