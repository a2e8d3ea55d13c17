import { mockServices } from '@backstage/backend-test-utils';
import { ClusterClient } from '@greenroom/cluster-client';
import type {
  Digest,
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { TestCluster, TestKubelet } from '@greenroom/test-cluster';
import {
  BatchV1Api,
  CoreV1Api,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  type TrialRequest,
  TrialUnavailableError,
} from '../../trials/TrialRunner';
import { JobTrialRunner } from './JobTrialRunner';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../../../../..');
const PACKAGE = join(ROOT, 'packages/inference-server');
const NAMESPACE = 'greenroom-trials';
const SERVER = 'example/data-plane:1';
const MEBIBYTE = 1024 ** 2;
const LINEAR: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

/** Programs that do something else than a data plane when they are to try a model. */
const OTHERS = {
  'example/hangs:1': 'for (;;);',
  'example/crashes:1': 'process.kill(process.pid, "SIGSEGV")',
  'example/fails:1': 'console.error("no such model"); process.exit(1)',
};

/** The rights that the how-to asks for. */
function documentedRole(): object {
  const page = readFileSync(
    join(ROOT, 'docs/how-to/try-versions-on-kubernetes.md'),
    'utf8',
  );
  const [yaml] = /apiVersion: rbac[\s\S]*?(?=\n```)/.exec(page) ?? [];
  return parse(yaml ?? '');
}

class Tokens {
  readonly valid = new Map<string, string>();
  readonly scopes: object[] = [];

  async lend({ name, scopes }: { name: string; scopes: object[] }) {
    this.scopes.push(...scopes);
    this.valid.set(name, `grt_of-${name}`);
    return { secret: `grt_of-${name}` };
  }

  async takeBack(name: string) {
    this.valid.delete(name);
  }
}

describe('JobTrialRunner', () => {
  const tokens = new Tokens();
  let cluster: TestCluster;
  let kubelet: TestKubelet;
  let portal: Server;
  let controlPlaneUrl: string;

  const fileOf = (name: string) =>
    readFileSync(join(PACKAGE, `fixtures/${name}.onnx`));
  const digestOf = (bytes: Buffer): Digest =>
    `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const artifacts = new Map(
    ['linear-1', 'unknown-operator'].map(name => {
      const bytes = fileOf(name);
      return [digestOf(bytes), bytes];
    }),
  );

  beforeAll(async () => {
    execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
    portal = createServer((req, res) => {
      const token = req.headers.authorization?.slice('Bearer '.length) ?? '';
      if (![...tokens.valid.values()].includes(token)) {
        res.writeHead(401).end('no such token');
        return;
      }
      const digest = decodeURIComponent(req.url ?? '')
        .split('/')
        .at(-1);
      const bytes = artifacts.get(digest as Digest);
      res.writeHead(bytes ? 200 : 404).end(bytes ?? 'no such artifact');
    }).listen(0, '127.0.0.1');
    await once(portal, 'listening');
    controlPlaneUrl = `http://127.0.0.1:${
      (portal.address() as AddressInfo).port
    }`;
    cluster = await TestCluster.start({ controllers: true });
    const program = join(PACKAGE, 'dist/main.cjs');
    kubelet = await TestKubelet.start({
      config: cluster.kubeConfig(),
      network: 2,
      images: {
        [SERVER]: [process.execPath, program],
        ...Object.fromEntries(
          Object.entries(OTHERS).map(([image, code]) => [
            image,
            [
              process.execPath,
              '-e',
              // They fetch what a data plane fetches.
              `process.argv[1] === 'trial' ? (() => { ${code} })() : process.exit(require('child_process').spawnSync(process.execPath, [${JSON.stringify(
                program,
              )}, ...process.argv.slice(1)], { stdio: 'inherit' }).status)`,
            ],
          ]),
        ),
      },
    });
    const config = cluster.kubeConfig();
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({
      body: {
        metadata: {
          name: NAMESPACE,
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
    });
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    await rbac.createNamespacedRole({
      namespace: NAMESPACE,
      body: documentedRole(),
    });
    await rbac.createNamespacedRoleBinding({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'trials' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'greenroom-trials',
        },
        subjects: [{ kind: 'User', name: 'limited' }],
      },
    });
  });

  afterAll(async () => {
    await kubelet?.stop();
    await cluster?.stop();
    portal?.close();
  });

  const requestOf = (
    name: string,
    changes: Partial<TrialRequest> = {},
  ): TrialRequest => {
    const bytes = fileOf(name);
    return {
      model: {
        name,
        files: [
          {
            path: 'parts/model.onnx',
            digest: digestOf(bytes),
            sizeBytes: bytes.length,
          },
        ],
        entry: 'parts/model.onnx',
      },
      signature: LINEAR,
      ...changes,
    };
  };

  const schema: ModelSchema = {
    task: 'regression',
    features: ['a', 'b', 'c'].map((name, index) => ({
      name,
      tensor: 'x',
      index,
    })),
    prediction: { tensor: 'y' },
  };

  const runnerOf = (
    options: {
      image?: string;
      namespace?: string;
      timeoutMillis?: number;
      startTimeoutMillis?: number;
    } = {},
  ) => {
    const { image = SERVER, namespace = NAMESPACE } = options;
    return new JobTrialRunner({
      client: new ClusterClient(cluster.kubeConfig('limited')),
      place: {
        namespace,
        image,
        cpu: '100m',
        startTimeoutMillis: options.startTimeoutMillis ?? 60_000,
      },
      installation: 'test',
      tokens,
      controlPlaneUrl: async () => controlPlaneUrl,
      timeoutMillis: options.timeoutMillis ?? 60_000,
      maxMemoryBytes: 512 * MEBIBYTE,
      logger: mockServices.logger.mock(),
    });
  };
  const run = (
    request: TrialRequest,
    options: Parameters<typeof runnerOf>[0] & { signal?: AbortSignal } = {},
  ) =>
    runnerOf(options).run(
      request,
      options.signal ?? new AbortController().signal,
    );

  /** Nothing is left of any trial, and no token is good any more. */
  const untilClear = async () => {
    const config = cluster.kubeConfig();
    const core = config.makeApiClient(CoreV1Api);
    const batch = config.makeApiClient(BatchV1Api);
    const namespace = NAMESPACE;
    for (let tries = 0; tries < 300; tries++) {
      const lists = await Promise.all([
        batch.listNamespacedJob({ namespace }),
        core.listNamespacedPod({ namespace }),
        core.listNamespacedSecret({ namespace }),
      ]);
      if (lists.every(({ items }) => items.length === 0)) break;
      await sleep(100);
    }
    const left = await core.listNamespacedSecret({ namespace });
    expect([left.items.length, tokens.valid.size]).toEqual([0, 0]);
  };

  it('has a cluster load a version and answer rows, with a token for its model alone, and leaves nothing', async () => {
    const result = await run(
      requestOf('linear-1', { schema, rows: [[1, 2, 3]] }),
    );
    expect(result).toMatchObject({
      servable: true,
      runtime: expect.stringContaining('greenroom-inference-server'),
      loadMillis: expect.any(Number),
      peakMemoryBytes: expect.any(Number),
      rehearsal: { predictions: [expect.closeTo(21.8, 4)] },
    });
    expect(tokens.scopes).toEqual([
      { permission: 'ai-registry.model.read', on: ['*/linear-1'] },
    ]);
    await untilClear();
  });

  it('answers as many rows as a measurement asks of it at once, and measures no time', async () => {
    const row = [1, 2, 3];
    const count = Math.floor(
      (runnerOf().maxRowsCharacters - 2) / (JSON.stringify(row).length + 1),
    );
    const rows = Array.from({ length: count }, (_, at) =>
      at === 7 ? [null, 2, 3] : row,
    );
    const result = await run(
      requestOf('linear-1', { schema, rows, answersOnly: true }),
    );
    if (!result.servable) throw new Error(result.reason);
    const { predictions, latencyMicros } = result.rehearsal!;
    expect(latencyMicros).toBeUndefined();
    expect(predictions).toHaveLength(count);
    expect(predictions[7]).toBeNull();
    expect(
      predictions.filter(
        said => typeof said === 'number' && Math.abs(said - 21.8) < 1e-4,
      ),
    ).toHaveLength(count - 1);
    await untilClear();
  });

  it('says of a model that it cannot be served, in the words of the runtime', async () => {
    expect(await run(requestOf('unknown-operator'))).toMatchObject({
      servable: false,
      reason: expect.stringMatching(/operator|Op/),
    });
  });

  it.each([
    ['hangs', 'example/hangs:1', /^it was not loaded after 1 seconds$/],
    ['ends its process', 'example/crashes:1', /^its process ended with SIG/],
  ])(
    'says of a model that %s that it cannot be served',
    async (_, image, reason) => {
      expect(
        await run(requestOf('linear-1'), { image, timeoutMillis: 1_000 }),
      ).toEqual({
        servable: false,
        runtime: expect.any(String),
        reason: expect.stringMatching(reason),
      });
      await untilClear();
    },
  );

  it('knows nothing of a model whose trial has failed, and says why', async () => {
    const missing = requestOf('linear-1');
    const gone: TrialRequest = {
      ...missing,
      model: {
        ...missing.model,
        files: [
          {
            path: 'parts/model.onnx',
            digest: digestOf(Buffer.from('gone')),
            sizeBytes: 4,
          },
        ],
      },
    };
    await expect(run(gone)).rejects.toThrow(
      /^The version's files could not be fetched for its trial: .*404/,
    );
    await expect(
      run(requestOf('linear-1'), { image: 'example/fails:1' }),
    ).rejects.toThrow('The trial failed with exit code 1: no such model');
    await expect(
      run(requestOf('linear-1'), {
        image: 'example/missing:1',
        startTimeoutMillis: 2_000,
      }),
    ).rejects.toThrow(/Job has not run: .*image cannot be pulled/);
    await expect(
      run(requestOf('linear-1'), { namespace: 'elsewhere' }),
    ).rejects.toThrow(/could not be run as a Job: .*is forbidden/);
    await untilClear();
  });

  it('refuses what a Job cannot take, before anything is made', async () => {
    const rows = Array.from({ length: 2_000 }, () =>
      Array.from({ length: 200 }, () => Math.random()),
    );
    await expect(run(requestOf('linear-1', { rows }))).rejects.toThrow(
      TrialUnavailableError,
    );
  });

  it('ends with who waits for it', async () => {
    const cancel = new AbortController();
    const running = run(requestOf('linear-1'), {
      image: 'example/hangs:1',
      signal: cancel.signal,
    });
    await sleep(2_000);
    cancel.abort(new Error('the control plane ends'));
    await expect(running).rejects.toThrow('the control plane ends');
    await untilClear();
  });
});
