import {
  ApiregistrationV1Api,
  CoreV1Api,
  type KubeConfig,
} from '@kubernetes/client-node';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './freePorts';
import { Installer } from './Installer';
import { ManagerProcess } from './ManagerProcess';

const NAMESPACE = 'kueue-system';
const WEBHOOKS = 'kueue-webhook-service';
const VISIBILITY = 'kueue-visibility-server';
const CERTIFICATE = 'kueue-webhook-server-cert';
/** Of which it serves several versions, and is asked for the other ones. */
const CONVERTED = [
  'clusterqueues',
  'cohorts',
  'localqueues',
  'multikueueclusters',
  'workloads',
].map(plural => `${plural}.kueue.x-k8s.io`);
/** Its chart leaves them out where it does not hold these kinds. */
const NOT_HELD = /^[mv](pod|deployment|statefulset)\.kb\.io$/;
const LOOK_AGAIN_MILLIS = 100;
const LIMIT_MILLIS = 30_000;

interface Ports {
  webhooks: number;
  visibility: number;
  health: number;
}

/**
 * Kueue in a cluster, for Jobs: its kinds, its webhooks, its visibility API, and its manager as a process of this machine.
 * It is the real one, and signs its own certificates.
 */
export class TestKueue {
  readonly #config: KubeConfig;
  readonly #folder: string;
  readonly #directory: string;
  readonly #ports: Ports;
  readonly #installer: Installer;
  #manager: ManagerProcess | undefined;

  static async start(options: {
    config: KubeConfig;
    /** What `npm test` has built when left out. */
    folder?: string;
  }): Promise<TestKueue> {
    const folder = options.folder ?? process.env.GREENROOM_TEST_KUEUE_MANAGER;
    if (!folder) {
      throw new Error(
        'GREENROOM_TEST_KUEUE_MANAGER does not name the folder of Kueue: run this test with `npm test`, which builds it',
      );
    }
    const directory = await mkdtemp(join(tmpdir(), 'test-kueue-'));
    const [webhooks, visibility, health] = await freePorts(3);
    const kueue = new TestKueue({
      config: options.config,
      folder,
      directory,
      ports: { webhooks, visibility, health },
    });
    try {
      await kueue.#install();
      await kueue.startManager();
      await kueue.untilServed();
      return kueue;
    } catch (error) {
      await kueue.stop();
      throw error;
    }
  }

  private constructor(options: {
    config: KubeConfig;
    folder: string;
    directory: string;
    ports: Ports;
  }) {
    this.#config = options.config;
    this.#folder = options.folder;
    this.#directory = options.directory;
    this.#ports = options.ports;
    this.#installer = new Installer(options.config);
  }

  /** What its manager has said last. */
  async tail(): Promise<string | undefined> {
    return await this.#manager?.tail();
  }

  /** Its manager ends at once, and its webhooks and its API with it. All else stays. */
  async killManager(): Promise<void> {
    await this.#manager?.stop();
    this.#manager = undefined;
  }

  /** Also after it was killed. */
  async startManager(): Promise<void> {
    const config = join(this.#directory, 'config.yaml');
    const kubeconfig = join(this.#directory, 'kubeconfig');
    await writeFile(config, JSON.stringify(this.#settings()));
    await writeFile(kubeconfig, this.#config.exportConfig());
    this.#manager = new ManagerProcess({
      program: join(this.#folder, 'kueue'),
      flags: ['--config', config, '--kubeconfig', kubeconfig],
      variables: { TMPDIR: this.#directory },
      // It writes the certificate of its visibility API there.
      directory: this.#directory,
    });
    await this.#mountCertificate();
    await this.#manager.untilReady(this.#ports.health);
  }

  /** Its visibility API is asked a while after its manager has started. */
  async untilServed(): Promise<void> {
    const apis = this.#config.makeApiClient(ApiregistrationV1Api);
    const endMillis = performance.now() + LIMIT_MILLIS;
    for (;;) {
      const { status } = await apis.readAPIService({
        name: 'v1beta2.visibility.kueue.x-k8s.io',
      });
      const available = status?.conditions?.find(
        ({ type }) => type === 'Available',
      );
      if (available?.status === 'True') return;
      if (performance.now() > endMillis) {
        throw new Error(
          `the visibility API is not served: ${
            available?.message
          } ${await this.tail()}`,
        );
      }
      await sleep(LOOK_AGAIN_MILLIS);
    }
  }

  async stop(): Promise<void> {
    await this.killManager();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #install(): Promise<void> {
    const install = join(this.#folder, 'install');
    const { webhooks, visibility } = this.#ports;
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: NAMESPACE },
      // In a cluster they select its pod.
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    await this.#installer.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    await this.#installer.apply(service(WEBHOOKS));
    await this.#installer.apply(service(VISIBILITY));
    await this.#installer.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: CERTIFICATE, namespace: NAMESPACE },
    });
    const asked = (path: string) => ({
      service: { name: WEBHOOKS, namespace: NAMESPACE, path, port: webhooks },
    });
    await this.#installer.installKinds(join(install, 'kinds'), kind =>
      CONVERTED.includes(kind.metadata.name)
        ? {
            ...kind,
            spec: {
              ...kind.spec,
              conversion: {
                strategy: 'Webhook',
                webhook: {
                  clientConfig: asked('/convert'),
                  conversionReviewVersions: ['v1'],
                },
              },
            },
          }
        : kind,
    );
    await this.#installer.applyFile(join(install, 'webhooks.yaml'), object => ({
      ...object,
      metadata: { name: `kueue-${object.metadata.name}` },
      webhooks: object.webhooks
        .filter(({ name }: { name: string }) => !NOT_HELD.test(name))
        .map((webhook: any) => ({
          ...webhook,
          clientConfig: asked(webhook.clientConfig.service.path),
        })),
    }));
    for (const version of ['v1beta1', 'v1beta2']) {
      await this.#installer.applyFile(
        join(install, 'visibility', `apiservice_${version}.yaml`),
        object => ({
          ...object,
          spec: {
            ...object.spec,
            service: {
              name: VISIBILITY,
              namespace: NAMESPACE,
              port: visibility,
            },
          },
        }),
      );
    }
  }

  /** It makes itself a certificate in a Secret, which a kubelet gives it as files. */
  async #mountCertificate(): Promise<void> {
    const core = this.#config.makeApiClient(CoreV1Api);
    const folder = this.#certificates;
    await mkdir(folder, { recursive: true });
    const endMillis = performance.now() + LIMIT_MILLIS;
    for (;;) {
      const { data = {} } = await core.readNamespacedSecret({
        name: CERTIFICATE,
        namespace: NAMESPACE,
      });
      if (data['tls.crt'] && data['tls.key']) {
        for (const [name, value] of Object.entries(data)) {
          await writeFile(join(folder, name), Buffer.from(value, 'base64'));
        }
        return;
      }
      if (performance.now() > endMillis) {
        throw new Error(`Kueue has no certificate: ${await this.tail()}`);
      }
      await sleep(LOOK_AGAIN_MILLIS);
    }
  }

  get #certificates(): string {
    return join(this.#directory, 'webhook-certificates');
  }

  #settings(): object {
    const host = '127.0.0.1';
    const { webhooks, visibility, health } = this.#ports;
    return {
      apiVersion: 'config.kueue.x-k8s.io/v1beta2',
      kind: 'Configuration',
      health: { healthProbeBindAddress: `${host}:${health}` },
      metrics: { bindAddress: '0' },
      webhook: { host, port: webhooks, certDir: this.#certificates },
      visibilityServer: { bindAddress: host, bindPort: visibility },
      leaderElection: { leaderElect: false },
      internalCertManagement: { enable: true },
      integrations: { frameworks: ['batch/job'] },
    };
  }
}
