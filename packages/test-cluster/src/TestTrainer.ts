import { TestAuthority } from '@greenroom/certificates/testing';
import type { KubeConfig } from '@kubernetes/client-node';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './freePorts';
import { Installer } from './Installer';
import { ManagerProcess } from './ManagerProcess';

const MANAGERS = ['jobset', 'trainer'] as const;
type ManagerName = (typeof MANAGERS)[number];

const PROGRAMS: Record<ManagerName, string> = {
  jobset: 'jobset',
  trainer: 'trainer-controller-manager',
};

/**
 * Kubeflow Trainer and JobSet in a cluster: their kinds, their webhooks, and their managers as processes of this machine.
 * They are the real ones.
 */
export class TestTrainer {
  readonly #config: KubeConfig;
  readonly #folder: string;
  readonly #directory: string;
  readonly #installer: Installer;
  readonly #managers = new Map<ManagerName, ManagerProcess>();

  static async start(options: {
    config: KubeConfig;
    /** What `npm test` has built when left out. */
    folder?: string;
  }): Promise<TestTrainer> {
    const folder =
      options.folder ?? process.env.GREENROOM_TEST_KUBEFLOW_TRAINER;
    if (!folder) {
      throw new Error(
        'GREENROOM_TEST_KUBEFLOW_TRAINER does not name the folder of Kubeflow Trainer: run this test with `npm test`, which builds it',
      );
    }
    const directory = await mkdtemp(join(tmpdir(), 'test-trainer-'));
    const trainer = new TestTrainer(options.config, folder, directory);
    try {
      for (const name of MANAGERS) {
        await trainer.#installer.installKinds(
          join(folder, 'install', name, 'kinds'),
        );
      }
      for (const name of MANAGERS) await trainer.#startManager(name);
      await trainer.#installer.applyFile(
        join(folder, 'install/trainer/torch_distributed.yaml'),
      );
      return trainer;
    } catch (error) {
      await trainer.stop();
      throw error;
    }
  }

  private constructor(config: KubeConfig, folder: string, directory: string) {
    this.#config = config;
    this.#folder = folder;
    this.#directory = directory;
    this.#installer = new Installer(config);
  }

  /** What a manager has said last. */
  async tail(name: ManagerName): Promise<string | undefined> {
    return await this.#managers.get(name)?.tail();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#managers.values()].map(one => one.stop()));
    this.#managers.clear();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #startManager(name: ManagerName): Promise<void> {
    const directory = join(this.#directory, name);
    const certificates = join(directory, 'k8s-webhook-server/serving-certs');
    await mkdir(certificates, { recursive: true });
    const authority = await TestAuthority.create(`${name}-ca`);
    const { certificate, privateKey } = await authority.issue('localhost');
    await writeFile(join(certificates, 'tls.crt'), certificate);
    await writeFile(join(certificates, 'tls.key'), privateKey);
    const [webhooks, health] = await freePorts(2);
    const settings = settingsOf(name, { webhooks, health });
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(settings));
    await writeFile(join(directory, 'kubeconfig'), this.#config.exportConfig());
    const manager = new ManagerProcess({
      program: join(this.#folder, PROGRAMS[name]),
      flags: ['--config', join(directory, 'config.yaml')],
      variables: {
        KUBECONFIG: join(directory, 'kubeconfig'),
        // They find their certificates there.
        TMPDIR: directory,
      },
      directory,
    });
    this.#managers.set(name, manager);
    await manager.untilReady(health);
    await this.#registerWebhooks(name, webhooks, authority.certificate);
  }

  /** In a cluster they are asked through a Service. */
  async #registerWebhooks(
    name: ManagerName,
    port: number,
    certificate: string,
  ): Promise<void> {
    const file = join(this.#folder, 'install', name, 'webhooks.yaml');
    await this.#installer.applyFile(file, object => ({
      ...object,
      metadata: { name: `${name}-${object.metadata.name}` },
      webhooks: object.webhooks.map((webhook: any) => ({
        ...webhook,
        clientConfig: {
          url: `https://localhost:${port}${webhook.clientConfig.service.path}`,
          caBundle: Buffer.from(certificate).toString('base64'),
        },
        // As its installation patches it: pods of JobSets alone.
        ...(/pod/.test(webhook.name) && {
          objectSelector: {
            matchExpressions: [
              {
                key: 'jobset.sigs.k8s.io/jobset-name',
                operator: 'Exists',
              },
            ],
          },
        }),
      })),
    }));
  }
}

function settingsOf(
  name: ManagerName,
  ports: { webhooks: number; health: number },
): object {
  const health = { healthProbeBindAddress: `127.0.0.1:${ports.health}` };
  const webhook = { port: ports.webhooks, host: '127.0.0.1' };
  const leaderElection = { leaderElect: false };
  const metrics = { bindAddress: '0' };
  return name === 'trainer'
    ? {
        apiVersion: 'config.trainer.kubeflow.org/v1alpha1',
        kind: 'Configuration',
        health,
        webhook,
        leaderElection,
        metrics,
        certManagement: { enable: false },
      }
    : {
        apiVersion: 'config.jobset.x-k8s.io/v1alpha1',
        kind: 'Configuration',
        health,
        webhook,
        leaderElection,
        metrics,
        internalCertManagement: { enable: false },
      };
}
