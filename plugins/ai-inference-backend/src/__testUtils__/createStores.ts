import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  ChangeLog,
  migrateDatabase,
  OutboxPublisher,
} from '@greenroom/ai-node';
import type {
  DataPlaneReport,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  type DesiredDeployment,
  DEFAULT_ENVIRONMENTS,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { DeprecationCopyStore } from '../deprecations/DeprecationCopyStore';
import { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { DeploymentChanger } from '../deployments/DeploymentChanger';
import { DeploymentReconciler } from '../deployments/DeploymentReconciler';
import { DeploymentService } from '../deployments/DeploymentService';
import { DeploymentStore } from '../deployments/DeploymentStore';
import { TurnStore } from '../deployments/TurnStore';
import { type Announcement, createAnnouncer } from '../events/announcement';
import { AnalysisReader } from '../rollouts/AnalysisReader';
import type { AnalysisReading } from '../rollouts/AnalysisSource';
import { RolloutController } from '../rollouts/RolloutController';
import { DefaultRolloutService } from '../rollouts/RolloutService';
import { RolloutStore } from '../rollouts/RolloutStore';
import { PACKAGE_NAME } from '../router';
import { VersionCopyStore } from '../snapshots/VersionCopyStore';
import type { FakeRegistry } from './FakeRegistry';
import { dataPlaneReport } from './fixtures';

const DRAIN_MILLIS = 60_000;
const START_MILLIS = Date.parse('2026-05-03T12:00:00Z');

/**
 * The stores, reconcilers and controllers of one or several control plane processes on one
 * database, with a clock that the test moves.
 */
export async function createStores(options: {
  knex: Knex;
  registry: FakeRegistry;
  quorum?: number;
  /** What is said of each comparison; whoever counts is away when left out. */
  analyse?: (comparisonId: string) => AnalysisReading;
}) {
  const { registry } = options;
  const knex = await migrateDatabase({
    database: mockServices.database.mock({
      getClient: async () => options.knex,
    }),
    packageName: PACKAGE_NAME,
  });
  let nowMillis = START_MILLIS;
  const clock = () => new Date(nowMillis);
  const deployments = new DeploymentStore({ knex });
  const rollouts = new RolloutStore({ knex });
  const versionCopies = new VersionCopyStore({ knex });
  const deprecationCopies = new DeprecationCopyStore({ knex });
  const dataPlanes = new DataPlaneStore({ knex, offlineAfterMillis: 10_000 });
  const published: { phase: string; weightPercent: number }[] = [];
  const withdrawn: string[] = [];
  const logger = mockServices.logger.mock();
  const changes = new ChangeLog<Announcement>({ knex });
  const publisher = new OutboxPublisher<Announcement>({
    knex,
    send: createAnnouncer({
      events: mockServices.events.mock({
        publish: async ({ eventPayload }) => {
          const event = eventPayload as Announcement;
          if (event.type === 'rollout-changed') {
            const { phase, weightPercent } = event;
            published.push({ phase, weightPercent });
          } else if (event.type === 'deployment-changed') {
            withdrawn.push(`${event.environment}/${event.model}`);
          }
        },
      }),
      signals: { publish: async () => {} },
    }),
    logger,
  });
  const signal = new AbortController().signal;
  const client = new AiRegistryClient({
    discoveryApi: { getBaseUrl: async () => registry.url },
  });
  const common = { changes, deployments, rollouts, logger, clock };

  const rolloutService = new DefaultRolloutService({
    ...common,
    drainMillis: DRAIN_MILLIS,
    onSteered: () => {},
  });
  const deploymentService = new DeploymentService({
    ...common,
    dataPlanes,
    environments: { runs: async () => new Map() },
    deprecationCopies,
    quorum: options.quorum ?? 1,
  });

  return {
    knex,
    /** Tries again what the newest rollout waits for. */
    async retry() {
      const [{ id }] = await rollouts.list({ limit: 1 });
      return rolloutService.retry(id, {
        credentials: mockCredentials.user('user:default/grace'),
      });
    },
    /** What Grace does with the newest rollout. */
    async steer(act: SteeringAct, reason?: string) {
      const [{ id }] = await rollouts.list({ limit: 1 });
      return rolloutService.steer(
        id,
        { act, reason },
        { credentials: mockCredentials.user('user:default/grace') },
      );
    },
    retryRollout: (id: string) =>
      rolloutService.retry(id, {
        credentials: mockCredentials.user('user:default/grace'),
      }),
    deploymentService,
    /** The only deployment, as it is told. */
    async described() {
      const { items } = await deploymentService.listDeployments({ limit: 1 });
      const [deployment] = items;
      return deployment;
    },
    deployments,
    deprecationCopies,
    changes,
    rollouts,
    versionCopies,
    dataPlanes,
    published,
    /** Deployments whose end was told, as environment/model. */
    withdrawn,
    logger,
    clock,
    sleep(seconds: number) {
      nowMillis += seconds * 1_000;
    },
    createController: () =>
      new RolloutController({
        ...common,
        dataPlanes,
        versionCopies,
        analyses: new AnalysisReader({
          source: {
            read: async id =>
              options.analyse?.(id) ?? {
                kind: 'away',
                reason: 'nobody counts in this test',
              },
          },
          clock,
        }),
        drainMillis: DRAIN_MILLIS,
        quorum: options.quorum ?? 1,
      }),
    async tick() {
      await this.createController().run(signal);
      await publisher.publishPending();
    },
    async reconcile(...desired: DesiredDeployment[]) {
      registry.desired = desired;
      await new DeploymentReconciler({
        environments: DEFAULT_ENVIRONMENTS,
        deprecationCopies,
        ...common,
        registry: client,
        auth: mockServices.auth(),
        turns: new TurnStore({ knex }),
        onChanged: () => {},
        changer: new DeploymentChanger({
          ...common,
          registry: client,
          versionCopies,
          drainMillis: DRAIN_MILLIS,
        }),
      }).run(signal);
      await publisher.publishPending();
    },
    async report(
      models: DataPlaneReport['models'],
      producer = 'one',
      snapshotId = 'current',
    ) {
      await dataPlanes.record({
        environment: 'production',
        report: dataPlaneReport(models, {
          producer,
          publicUrl: `http://${producer}:7080`,
          snapshotId,
        }),
        currentSnapshotId: 'current',
        now: clock(),
      });
    },
    /** Version numbers to weights of the only deployment. */
    async weights(): Promise<Record<number, number>> {
      const [deployment] = await deployments.list();
      return Object.fromEntries(
        (deployment?.split ?? []).map(({ version, weightPercent }) => [
          version,
          weightPercent,
        ]),
      );
    },
    /** Newest first. */
    async phases(): Promise<string[]> {
      const list = await rollouts.list({ limit: 100 });
      return list.map(({ state }) => state.phase);
    },
  };
}
