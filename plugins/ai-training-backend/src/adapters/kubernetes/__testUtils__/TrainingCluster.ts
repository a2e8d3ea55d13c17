import { mockServices } from '@backstage/backend-test-utils';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { ClusterClient } from '@greenroom/cluster-client';
import type { Digest, Flavor } from '@greenroom/plugin-ai-registry-common';
import {
  TestCluster,
  TestKubelet,
  type TestKubeletOptions,
} from '@greenroom/test-cluster';
import {
  BatchV1Api,
  CoreV1Api,
  RbacAuthorizationV1Api,
  type V1ClusterRole,
  type V1Role,
} from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type {
  AttemptId,
  ObservedAttempt,
  WantedAttempt,
} from '../../../backends/TrainingBackend';
import { KubernetesTrainingBackend } from '../KubernetesTrainingBackend';
import type { TrainingPlace } from '../settings';

const ROOT = join(__dirname, '../../../../../..');
const SERVER_PACKAGE = join(ROOT, 'packages/inference-server');
const FETCH_IMAGE = 'example/data-plane:1';
const WAIT_MILLIS = 60_000;

export const NAMESPACE = 'greenroom-training';
export const TRAIN_IMAGE = `example/train@sha256:${'a'.repeat(64)}`;
export const MISSING_IMAGE = `example/missing@sha256:${'b'.repeat(64)}`;

/** A program that does not end. */
export const FOR_EVER = 'setInterval(() => {}, 1000);';
export const isEnded = ({ phase }: { phase: string }) => phase === 'ended';
export const isRunning = ({ phase }: { phase: string }) => phase === 'running';

const digestOf = (bytes: Buffer) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A control plane of Kubernetes with a node that runs pods, and a portal that they fetch from. */
export class TrainingCluster {
  readonly tokens = new Set<string>();
  /** What the portal was asked, with the token's name. */
  readonly asked: string[] = [];
  readonly #artifacts = new Map<string, Buffer>();
  readonly #sources = new Map<string, Buffer>();
  readonly #backends: KubernetesTrainingBackend[] = [];
  readonly #portal: Server;
  /** Where the portal finds what was not made here, by digest; then any token is good. */
  artifacts: Pick<ArtifactStore, 'open'> | undefined;
  /** Digests of the sources of jobs, of `artifacts`. */
  readonly sourceDigests = new Map<string, string>();
  cluster!: TestCluster;
  kubelet!: TestKubelet;

  static async start(
    options: Partial<TestKubeletOptions> = {},
  ): Promise<TrainingCluster> {
    const training = new TrainingCluster();
    await training.#start(options);
    return training;
  }

  private constructor() {
    this.#portal = createServer((req, res) => {
      const token = req.headers.authorization?.slice('Bearer '.length) ?? '';
      this.asked.push(`${token} ${req.url}`);
      if (!this.artifacts && !this.tokens.has(token)) {
        res.writeHead(401).end('no such token');
        return;
      }
      this.#find(decodeURIComponent(req.url ?? '').split('/')).then(
        bytes => res.writeHead(200).end(bytes),
        error => res.writeHead(404).end(String(error)),
      );
    });
  }

  async #find(parts: string[]): Promise<Buffer> {
    const [last, before] = [parts.at(-1) ?? '', parts.at(-2) ?? ''];
    const known =
      last === 'source' ? this.#sources.get(before) : this.#artifacts.get(last);
    if (known) return known;
    const digest = this.sourceDigests.get(before) ?? last;
    if (!this.artifacts) throw new Error('no such thing');
    const chunks: Buffer[] = [];
    const body = await this.artifacts.open(digest as Digest);
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  get portalUrl(): string {
    return `http://127.0.0.1:${(this.#portal.address() as AddressInfo).port}`;
  }

  get core(): CoreV1Api {
    return this.cluster.kubeConfig().makeApiClient(CoreV1Api);
  }

  get batch(): BatchV1Api {
    return this.cluster.kubeConfig().makeApiClient(BatchV1Api);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#backends.map(backend => backend.close()));
    await this.kubelet?.stop();
    await this.cluster?.stop();
    this.#portal.close();
  }

  /** Of somebody who has the rights that are documented, and no others. */
  client(Client = ClusterClient): ClusterClient {
    return new Client(this.cluster.kubeConfig('limited'));
  }

  backend(
    place: Partial<TrainingPlace> = {},
    more: {
      flavors?: Flavor[];
      awayMillis?: number;
      client?: ClusterClient;
    } = {},
  ): KubernetesTrainingBackend {
    const { flavors = [], awayMillis, client = this.client() } = more;
    const backend = new KubernetesTrainingBackend({
      client,
      place: {
        name: 'test',
        namespace: NAMESPACE,
        controlPlaneUrl: this.portalUrl,
        fetchImage: FETCH_IMAGE,
        allowTags: false,
        cpu: '100m',
        memory: '256Mi',
        userId: 65_532,
        graceSeconds: 30,
        imageSeconds: 300,
        ...place,
      },
      flavors,
      installation: 'test',
      logger: mockServices.logger.mock(),
      awayMillis,
    });
    this.#backends.push(backend);
    return backend;
  }

  /** An attempt of a job that runs a program of Node. */
  attempt(
    program: string,
    changes: Partial<WantedAttempt> & { files?: Record<string, string> } = {},
  ): { wanted: WantedAttempt; token: string } {
    const { files = {}, ...more } = changes;
    const job = more.job ?? randomUUID();
    const source = packFolder({ 'train.mjs': program, ...files });
    this.#sources.set(job, source);
    const token = `grt_of-${job}`;
    this.tokens.add(token);
    return {
      token,
      wanted: {
        job,
        number: 1,
        program: { image: TRAIN_IMAGE, command: ['node', 'train.mjs'] },
        sourceDigest: digestOf(source),
        parameters: {},
        datasets: [],
        resources: { count: 1, nodes: 1 },
        deadlineSeconds: 600,
        priority: 'normal',
        checkpoints: false,
        environment: { MLFLOW_RUN_ID: 'run-1' },
        run: 'run-1',
        team: 'group:default/team-a',
        template: 'digits',
        ...more,
      },
    };
  }

  /** A file of a dataset that the portal has. */
  file(path: string, content: string) {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes) as `sha256:${string}`;
    this.#artifacts.set(digest, bytes);
    return { path, digest, sizeBytes: bytes.length };
  }

  /** The portal has the rights of an API group no more. */
  async forgetRight(group: string): Promise<void> {
    const role: V1Role = documentedRole();
    await this.cluster
      .kubeConfig()
      .makeApiClient(RbacAuthorizationV1Api)
      .replaceNamespacedRole({
        name: 'greenroom-training',
        namespace: NAMESPACE,
        body: {
          ...role,
          rules: role.rules?.filter(
            ({ apiGroups }) => !apiGroups?.includes(group),
          ),
        },
      });
  }

  /** A claim that several pods may have at the same time. */
  async makeClaim(name: string): Promise<void> {
    await this.core.createPersistentVolume({
      body: {
        metadata: { name },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteMany'],
          storageClassName: '',
          hostPath: { path: '/nowhere' },
        },
      },
    });
    await this.core.createNamespacedPersistentVolumeClaim({
      namespace: NAMESPACE,
      body: {
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteMany'],
          storageClassName: '',
          resources: { requests: { storage: '1Gi' } },
        },
      },
    });
  }

  async #start(options: Partial<TestKubeletOptions>): Promise<void> {
    execFileSync(process.execPath, [join(SERVER_PACKAGE, 'build.mjs')]);
    this.#portal.listen(0, '127.0.0.1');
    await once(this.#portal, 'listening');
    this.cluster = await TestCluster.start({ controllers: true });
    this.kubelet = await TestKubelet.start({
      config: this.cluster.kubeConfig(),
      network: 3,
      images: {
        [FETCH_IMAGE]: [
          process.execPath,
          join(SERVER_PACKAGE, 'dist/main.cjs'),
        ],
      },
      missingImages: /^example\/missing/,
      limitsMemory: true,
      ...options,
    });
    await this.core.createNamespace({
      body: {
        metadata: {
          name: NAMESPACE,
          labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
    });
    const rbac = this.cluster
      .kubeConfig()
      .makeApiClient(RbacAuthorizationV1Api);
    await rbac.createNamespacedRole({
      namespace: NAMESPACE,
      body: documentedRole(),
    });
    await rbac.createNamespacedRoleBinding({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'training' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: 'greenroom-training',
        },
        subjects: [{ kind: 'User', name: 'limited' }],
      },
    });
    await rbac.createClusterRole({ body: documentedClusterRole() });
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name: 'training-runtimes' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'greenroom-training-runtimes',
        },
        subjects: [{ kind: 'User', name: 'limited' }],
      },
    });
  }
}

/** The rights that the how-to asks for. */
function documentedRole(): V1Role {
  return documentedRights('Role');
}

function documentedClusterRole(): V1ClusterRole {
  return documentedRights('ClusterRole');
}

function documentedRights<T>(kind: string): T {
  const page = readFileSync(
    join(ROOT, 'docs/how-to/train-on-kubernetes.md'),
    'utf8',
  );
  const [yaml] =
    new RegExp(
      `apiVersion: rbac\\S+\\nkind: ${kind}\\n[\\s\\S]*?(?=\\n\`\`\`)`,
    ).exec(page) ?? [];
  return parse(yaml ?? '');
}

function packFolder(files: Record<string, string>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'training-source-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return execFileSync('tar', ['-cz', '-C', folder, '.']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Looks again and again until an attempt is as it is to be. */
export async function untilState(
  backend: Pick<KubernetesTrainingBackend, 'observe'>,
  id: AttemptId,
  isSo: (state: ObservedAttempt['state']) => boolean,
): Promise<ObservedAttempt['state']> {
  const endMillis = performance.now() + WAIT_MILLIS;
  let last: ObservedAttempt['state'] | undefined;
  for (;;) {
    const all = await backend.observe();
    last = all.find(
      ({ job, number }) => job === id.job && number === id.number,
    )?.state;
    if (last && isSo(last)) return last;
    if (performance.now() > endMillis) {
      throw new Error(`it is still ${JSON.stringify(last)}`);
    }
    await sleep(50);
  }
}

/** All that it has written, when there is nothing more to come. */
export async function wholeLog(
  backend: Pick<KubernetesTrainingBackend, 'readLog'>,
  id: AttemptId,
): Promise<string> {
  const endMillis = performance.now() + WAIT_MILLIS;
  const parts: Buffer[] = [];
  let fromByte = 0;
  for (;;) {
    const part = await backend.readLog(id, { fromByte, mostBytes: 100_000 });
    if (part.fromByte !== fromByte) throw new Error('bytes are missing');
    parts.push(part.bytes);
    fromByte += part.bytes.length;
    if (part.isEnd) return Buffer.concat(parts).toString('utf8');
    if (performance.now() > endMillis) throw new Error('the log has no end');
    await sleep(50);
  }
}
