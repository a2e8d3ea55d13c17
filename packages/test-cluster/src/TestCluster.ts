import { KubeConfig } from '@kubernetes/client-node';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './freePorts';
import { frontProxyFlags, writeFrontProxy } from './frontProxy';
import {
  type Identity,
  kubeconfig,
  makeSigningKey,
  makeTokens,
  tokenFile,
  type Tokens,
} from './identities';
import { isReady } from './isReady';
import { Part, type PartName } from './Part';

const START_LIMIT_MILLIS = 60_000;
const LOOK_AGAIN_MILLIS = 100;
/** Somebody may take a port between the moment it was free and the moment it is listened on. */
const MOST_STARTS = 3;
const ISSUER = 'https://kubernetes.default.svc';

export interface TestClusterOptions {
  /** Whether Deployments make pods and pods get nodes: the controllers and the scheduler run, too. */
  controllers?: boolean;
  /** Program of all parts; the one that `npm test` has built when left out. */
  program?: string;
}

/**
 * A real control plane of Kubernetes on this machine: etcd and the API server, and on demand the
 * controllers and the scheduler. It has no nodes, and is gone with its folder when it is stopped.
 */
export class TestCluster {
  readonly server: string;
  readonly #directory: string;
  readonly #program: string;
  readonly #tokens: Tokens;
  readonly #ports: { etcd: number; peers: number; api: number };
  readonly #parts = new Map<PartName, Part>();

  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const program = options.program ?? process.env.GREENROOM_TEST_KUBERNETES;
    if (!program) {
      throw new Error(
        'GREENROOM_TEST_KUBERNETES does not name the control plane of Kubernetes: run this test with `npm test -- jest -- test-cluster`, which builds it',
      );
    }
    for (let start = 1; ; start++) {
      const cluster = await TestCluster.#create(program);
      try {
        await cluster.#start(options.controllers ?? false);
        return cluster;
      } catch (error) {
        await cluster.stop();
        if (start === MOST_STARTS) throw error;
      }
    }
  }

  static async #create(program: string): Promise<TestCluster> {
    const [etcd, peers, api] = await freePorts(3);
    const directory = await mkdtemp(join(tmpdir(), 'test-cluster-'));
    const tokens = makeTokens();
    await writeFile(join(directory, 'tokens.csv'), tokenFile(tokens));
    await writeFile(join(directory, 'accounts.key'), makeSigningKey());
    await writeFrontProxy(directory);
    return new TestCluster({
      program,
      directory,
      tokens,
      ports: { etcd, peers, api },
    });
  }

  private constructor(options: {
    program: string;
    directory: string;
    tokens: Tokens;
    ports: { etcd: number; peers: number; api: number };
  }) {
    this.#program = options.program;
    this.#directory = options.directory;
    this.#tokens = options.tokens;
    this.#ports = options.ports;
    this.server = `https://127.0.0.1:${options.ports.api}`;
  }

  /** As what the API server says that it is. */
  get certificateAuthorityFile(): string {
    return join(this.#directory, 'pki', 'apiserver.crt');
  }

  tokenOf(identity: Identity): string {
    return this.#tokens[identity];
  }

  /** How a client reaches the API server as somebody. */
  kubeConfig(identity: Identity = 'admin'): KubeConfig {
    const config = new KubeConfig();
    config.loadFromString(this.#kubeconfigOf(identity));
    return config;
  }

  /** Nothing is answered any more, and nobody is told why. */
  freezeApi(): void {
    this.#parts.get('kube-apiserver')?.freeze();
  }

  thawApi(): void {
    this.#parts.get('kube-apiserver')?.thaw();
  }

  /** The API server ends: who asks is refused, and who watches is cut off. */
  async stopApi(): Promise<void> {
    await this.#parts.get('kube-apiserver')?.kill();
  }

  /** @param options.withoutApis - such as `autoscaling/v2`, which it does not serve */
  async startApi(options: { withoutApis?: string[] } = {}): Promise<void> {
    const { withoutApis = [] } = options;
    this.#run('kube-apiserver', {
      ...this.#apiFlags(),
      ...(withoutApis.length > 0 && {
        'runtime-config': withoutApis.map(api => `${api}=false`).join(','),
      }),
    });
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    // Those that ask before those that answer.
    for (const part of [...this.#parts.values()].reverse()) await part.kill();
    this.#parts.clear();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #start(controllers: boolean): Promise<void> {
    this.#run('etcd', this.#etcdFlags());
    await this.startApi();
    if (!controllers) return;
    await this.#writeKubeconfig('controllers');
    await this.#writeKubeconfig('scheduler');
    this.#run('kube-controller-manager', this.#controllerFlags());
    this.#run('kube-scheduler', this.#clientFlags('scheduler'));
  }

  #run(name: PartName, flags: Record<string, string>): void {
    this.#parts.set(
      name,
      new Part({
        name,
        program: this.#program,
        flags,
        directory: this.#directory,
      }),
    );
  }

  async #untilReady(): Promise<void> {
    const endMillis = performance.now() + START_LIMIT_MILLIS;
    for (;;) {
      const ended = [...this.#parts.values()].find(part => part.hasEnded);
      if (ended) {
        throw new Error(`${ended.name} has ended: ${await ended.tail()}`);
      }
      if (await this.#isReady()) return;
      if (performance.now() > endMillis) {
        const api = this.#parts.get('kube-apiserver');
        throw new Error(`the API server is not ready: ${await api?.tail()}`);
      }
      await sleep(LOOK_AGAIN_MILLIS);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return await isReady({
        server: this.server,
        // Written by the API server when it first starts.
        ca: await readFile(this.certificateAuthorityFile),
        token: this.#tokens.admin,
      });
    } catch {
      return false;
    }
  }

  #kubeconfigOf(identity: Identity): string {
    return kubeconfig({
      server: this.server,
      certificateAuthority: this.certificateAuthorityFile,
      token: this.#tokens[identity],
    });
  }

  async #writeKubeconfig(identity: Identity): Promise<void> {
    await writeFile(
      join(this.#directory, `${identity}.kubeconfig`),
      this.#kubeconfigOf(identity),
    );
  }

  #etcdFlags(): Record<string, string> {
    const clients = `http://127.0.0.1:${this.#ports.etcd}`;
    const peers = `http://127.0.0.1:${this.#ports.peers}`;
    return {
      name: 'test',
      'data-dir': join(this.#directory, 'etcd'),
      'listen-client-urls': clients,
      'advertise-client-urls': clients,
      'listen-peer-urls': peers,
      'initial-advertise-peer-urls': peers,
      'initial-cluster': `test=${peers}`,
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
    };
  }

  #apiFlags(): Record<string, string> {
    const key = join(this.#directory, 'accounts.key');
    return {
      'etcd-servers': `http://127.0.0.1:${this.#ports.etcd}`,
      'secure-port': String(this.#ports.api),
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'endpoint-reconciler-type': 'none',
      // It makes a certificate for itself there.
      'cert-dir': join(this.#directory, 'pki'),
      'token-auth-file': join(this.#directory, 'tokens.csv'),
      'service-account-key-file': key,
      'service-account-signing-key-file': key,
      'service-account-issuer': ISSUER,
      'service-cluster-ip-range': '10.96.0.0/16',
      'authorization-mode': 'Node,RBAC',
      ...frontProxyFlags(this.#directory),
    };
  }

  #controllerFlags(): Record<string, string> {
    return {
      ...this.#clientFlags('controllers'),
      'use-service-account-credentials': 'true',
      'service-account-private-key-file': join(this.#directory, 'accounts.key'),
      'root-ca-file': this.certificateAuthorityFile,
      // A test does not wait for what is decided once in a while.
      'horizontal-pod-autoscaler-sync-period': '1s',
      'horizontal-pod-autoscaler-downscale-stabilization': '1s',
      // Nothing here has a cloud or a network of its own.
      controllers:
        '*,-nodeipam,-cloud-node-lifecycle,-service-lb-controller,-node-route-controller',
    };
  }

  #clientFlags(identity: Identity): Record<string, string> {
    const file = join(this.#directory, `${identity}.kubeconfig`);
    return {
      kubeconfig: file,
      'secure-port': '0',
      'leader-elect': 'false',
      'kube-api-qps': '500',
      'kube-api-burst': '1000',
    };
  }
}
