import { TestDatabases } from '@backstage/backend-test-utils';
import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import { BatchV1Api, CoreV1Api, type V1Job } from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConversionPlatform,
  converterEnvironments,
  findConverterPython,
  makeConversionFolders,
  OWNER,
} from './__testUtils__/ConversionPlatform';

jest.setTimeout(900_000);

const ROOT = path.resolve(__dirname, '../../../..');
const CONVERTER = path.join(ROOT, 'plugins/ai-training-backend/converter');
const NAMESPACE = 'training';
const FETCH_IMAGE = `example/data-plane@sha256:${'a'.repeat(64)}`;
const CONVERTER_IMAGE = `example/converter@sha256:${'b'.repeat(64)}`;

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const owner = { token: OWNER };

/** The command that the page of conversions has for the image of the converter. */
function documentedInstall(): string[] {
  const page = readFileSync(
    path.join(ROOT, 'docs/how-to/convert-to-onnx.md'),
    'utf8',
  );
  const [, words] = /^RUN pip (install .+)$/m.exec(page)!;
  return words.split(' ');
}

/** Interpreter of an environment that is made as the documented image is; once, outside of the clone. */
function ensureImage(): string {
  const known = findConverterPython(converterEnvironments());
  if (known) return known;
  const lock = readFileSync(path.join(CONVERTER, 'requirements.lock'));
  const images = `${converterEnvironments()}-images`;
  const made = findConverterPython(images);
  if (made) return made;
  const name = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = path.join(images, name);
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin/python');
  execFileSync(python, ['-m', 'pip', ...documentedInstall()], {
    cwd: CONVERTER,
  });
  writeFileSync(path.join(folder, 'complete'), '');
  return python;
}

/** The control plane has its port only once it has started, and pods are told its address before. */
async function startForwarder(): Promise<{
  server: Server;
  to(port: number): void;
}> {
  let port = 0;
  const server = createServer(socket => {
    const onward = connect(port, '127.0.0.1');
    for (const one of [socket, onward]) one.on('error', () => one.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    server,
    to(wanted) {
      port = wanted;
    },
  };
}

/**
 * The same as on the portal's machine, where only a cluster runs jobs: its control plane is real, and the node runs pods as
 * processes, with the packages that the documented image has.
 */
describe('conversions to ONNX in a cluster', () => {
  let folders: Awaited<ReturnType<typeof makeConversionFolders>>;
  let platform: ConversionPlatform;
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let forwarder: Awaited<ReturnType<typeof startForwarder>>;
  let python: string;

  beforeAll(async () => {
    python = ensureImage();
    folders = await makeConversionFolders();
    cluster = await TestCluster.start({ controllers: true });
    await cluster
      .kubeConfig()
      .makeApiClient(CoreV1Api)
      .createNamespace({
        body: {
          metadata: {
            name: NAMESPACE,
            labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
          },
        },
      });
    kubelet = await TestKubelet.start({
      config: cluster.kubeConfig(),
      node: 'one',
      images: {
        [FETCH_IMAGE]: [
          process.execPath,
          path.join(folders.program, 'main.cjs'),
        ],
        [CONVERTER_IMAGE]: {
          command: ['python'],
          variables: { PATH: `${path.dirname(python)}:${process.env.PATH}` },
        },
      },
    });
    forwarder = await startForwarder();
    const { port } = forwarder.server.address() as AddressInfo;
    await mkdir(path.join(folders.directory, 'training'));
    platform = await ConversionPlatform.start({
      ...folders,
      databases,
      config: {
        kubernetes: {
          clusterLocatorMethods: [
            {
              type: 'config',
              clusters: [
                {
                  name: 'test',
                  url: cluster.server,
                  authProvider: 'serviceAccount',
                  serviceAccountToken: cluster.tokenOf('admin'),
                  caFile: cluster.certificateAuthorityFile,
                },
              ],
            },
          ],
        },
        aiTraining: {
          conversion: { image: CONVERTER_IMAGE, memory: '2Gi' },
          kubernetes: [
            {
              cluster: 'test',
              namespace: NAMESPACE,
              controlPlaneUrl: `http://127.0.0.1:${port}`,
              fetchImage: FETCH_IMAGE,
            },
          ],
        },
      },
    });
    forwarder.to(Number(new URL(platform.url).port));
  });

  afterAll(async () => {
    await platform?.stop();
    await kubelet?.stop();
    await cluster?.stop();
    forwarder?.server.close();
    await folders?.remove();
  });

  /** The first Job; none is left when it has been read. */
  async function untilMade(): Promise<V1Job> {
    const batch = cluster.kubeConfig().makeApiClient(BatchV1Api);
    for (;;) {
      const { items } = await batch.listNamespacedJob({ namespace: NAMESPACE });
      if (items.length > 0) return items[0];
      await sleep(100);
    }
  }

  it('are Jobs with the image, and make versions that predict the same, and nothing else', async () => {
    await platform.runPython(python, 'log_for_conversion.py');
    const [converted, refused, { spec }] = await Promise.all([
      platform.convert('who-stays'),
      platform.convert('own'),
      untilMade(),
    ]);
    const [container] = spec!.template.spec!.containers;
    expect(container).toMatchObject({
      image: CONVERTER_IMAGE,
      resources: { limits: { memory: '2Gi' } },
      securityContext: { allowPrivilegeEscalation: false },
    });
    expect(refused.state).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(/has no converter to ONNX: .*Halve/),
    });
    expect(converted.state).toMatchObject({ phase: 'converted', made: 2 });
    expect(await platform.triedVersion('who-stays', 2)).toMatchObject({
      format: 'onnx',
      convertedFrom: 1,
      servability: { state: 'servable' },
      conversion: {
        job: converted.job,
        check: { outcome: 'equal', rows: 40, differing: 0 },
      },
    });
    const job = await platform.training.getJob(converted.job, owner);
    expect(job).toMatchObject({
      backend: 'test',
      state: { phase: 'succeeded' },
      attempts: [{ number: 1, end: { kind: 'succeeded' } }],
    });
  });
});
