import {
  type Connection,
  DEFAULT_ENVIRONMENTS,
  EnvironmentConnections,
  type ExternalDescriptor,
  type ModelPrice,
  type Environments,
} from '@greenroom/plugin-ai-registry-common';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type {
  Digest,
  Evaluation,
  ModelSchema,
  PromotionPhase,
  Servability,
  Signature,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { JsonObject } from '@backstage/types';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderArtifactStore } from '@greenroom/artifact-store';
import { streamOf } from '@greenroom/artifact-store/testing';
import { bundleBytes, encodeBundle } from '@greenroom/bundle-file';
import { createClone } from '../../adapters/git/__testUtils__/createClone';
import { layRepository } from '../../adapters/localGit/__testUtils__/layRepository';
import { LocalGitHost } from '../../adapters/localGit/LocalGitHost';
import { DefaultAliasService } from '../../aliases/AliasService';
import { AliasStore } from '../../aliases/AliasStore';
import type { ConnectionState } from '../../environments/ConnectionStates';
import { DesiredDeploymentStore } from '../../environments/DesiredDeploymentStore';
import { EnvironmentReconciler } from '../../environments/EnvironmentReconciler';
import type { GitHost } from '../../environments/GitHost';
import {
  formatPerson,
  type People,
  portalEmail,
  userOfPortalEmail,
} from '../../environments/people';
import type { Serving } from '../../environments/ServingState';
import {
  ChangeLog,
  nameOfActor,
  readPortalPages,
  userRefOf,
} from '@greenroom/ai-node';
import type { MigratedDatabases } from '@greenroom/ai-node/testing';
import type { Announcement, RegistryChanges } from '../../events/announcement';
import { ModelStore } from '../../models/ModelStore';
import type { DatasetSource } from '../../evaluationRuns/PromptSets';
import type { Trials } from '../../trials/Trials';
import { createMeasurements } from '../../measurements/createMeasurements';
import { EvaluationStore } from '../../versions/EvaluationStore';
import { RUNS_AT_PROVIDER } from '../../versions/external';
import type { Rehearsal } from '../../trials/TrialRunner';
import { VersionStore } from '../../versions/VersionStore';
import { createTestRuns } from '../../evaluationRuns/__testUtils__/createTestRuns';
import { createPromotions } from '../createPromotions';
import { promotionGates } from '../gates';
import { Gates } from '../gates/Gates';
import { PromotionStore } from '../PromotionStore';

export const ada = { credentials: mockCredentials.user('user:default/ada') };
export const grace = {
  credentials: mockCredentials.user('user:default/grace'),
};

export const SIGNATURE: Signature = {
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 64] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
};

/** Answers of which every n-th is wrong. */
export function evaluationWithErrors(everyNth: number): Evaluation {
  const perRow: number[] = Array.from({ length: 800 }, (_, row) =>
    row % everyNth === 0 ? 0 : 1,
  );
  const accuracy = perRow.reduce((sum, x) => sum + x, 0) / perRow.length;
  return {
    dataset: {
      name: 'held-out digits',
      digest: `sha256:${'d'.repeat(64)}`,
      rows: perRow.length,
    },
    metrics: { accuracy },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow,
  };
}

/** What people belong to; tests add to it. */
const groupsOf: Record<string, string[]> = {};

/** Users, by their emails. */
const KNOWN = new Map([
  ['grace@example.com', 'user:default/grace'],
  ['linus@example.com', 'user:default/linus'],
]);

/** Knows people by the emails of their commits, like a catalog with two users. */
const people: People = {
  personOf: async actor => ({
    name: nameOfActor(actor),
    email: portalEmail(actor),
  }),
  actorOf: async person =>
    userOfPortalEmail(person.email) ??
    KNOWN.get(person.email) ??
    formatPerson(person),
  membershipsOf: async actor => [actor, ...(groupsOf[actor] ?? [])],
};

export type Harness = Awaited<ReturnType<typeof createHarness>>;

/** The registry's promotion with real Git, a real database and a real artifact folder. */
export async function createHarness(databases: MigratedDatabases) {
  const folder = await mkdtemp(path.join(tmpdir(), 'promotion-'));
  const directory = path.join(folder, 'environments.git');
  const knex = await databases.open();
  const artifacts = await FolderArtifactStore.create({
    directory: path.join(folder, 'artifacts'),
    maxBytes: 1024 * 1024,
  });
  const changes = new ChangeLog<Announcement>({ knex });
  const models = new ModelStore({ knex });
  const versions = new VersionStore({ knex });
  const evaluations = new EvaluationStore({ knex });
  const aliasStore = new AliasStore({ knex });
  const deployments = new DesiredDeploymentStore({ knex });
  const logger = mockServices.logger.mock();
  const notifications: jest.Mocked<NotificationService> = { send: jest.fn() };
  /** Not where they are by default, so that a link that is written down is seen. */
  const pages = readPortalPages(
    mockServices.rootConfig({
      data: { greenroom: { pages: { 'ai-registry': '/ml' } } },
    }),
  );
  await layRepository(directory);
  const localHost = await LocalGitHost.create({
    environments: DEFAULT_ENVIRONMENTS.names,
    directory,
    knex,
  });

  /** What tests may change about the world around. */
  const world = {
    /** Groups of everybody, by their entity refs. */
    groupsOf,
    servability: {
      state: 'servable',
      triedAt: '2026-05-03T08:00:00.000Z',
      runtime: 'a data plane',
      loadMillis: 10,
      warmUpMillis: 2,
      peakMemoryBytes: 50_000_000,
    } as Servability,
    /** What versions do with rows. */
    rehearsal: undefined as Rehearsal | undefined,
    /** How versions answer rows of datasets. */
    answering: {
      answer: async () => ({ why: 'nobody answers' }),
      mostRowsCharacters: Infinity,
    } as Pick<Trials, 'answer' | 'mostRowsCharacters'>,
    /** Datasets that versions are measured on. */
    datasets: {} as Pick<DatasetSource, 'getVersion' | 'readRows'>,
    /** Of all datasets. */
    datasetOwner: 'group:default/vision-team',
    /** Who signed the versions. */
    signing: undefined as VersionSigning | undefined,
    /** What production maps logical connections to; read when the services start. */
    connections: [] as Connection[],
    /** Settings of the gates; read when the services start. */
    config: {} as JsonObject,
    /** What models cost in production, by connection and model. */
    prices: new Map<string, Map<string, ModelPrice>>(),
    /** What data planes told of all connections. */
    async connectionState(): Promise<ConnectionState | undefined> {
      return undefined;
    },
    /** Data planes that load at once whatever is asked for, unless a test says otherwise. */
    async serving(place: {
      environment: string;
      model: string;
    }): Promise<Serving | undefined> {
      const [wanted] = await deployments.list(place);
      return (
        wanted && {
          commit: wanted.commit,
          variants: [{ version: wanted.version, weightPercent: 100 }],
          dataPlanes: 1,
          onDemand: false,
          state: 'serving',
          acts: [],
        }
      );
    },
  };

  /** The services as a freshly started backend has them. */
  const start = (
    options: {
      gitHost?: GitHost;
      changes?: RegistryChanges;
      rollbackApprovals?: number;
      environments?: Environments;
      /** Of evaluation runs. */
      leaseMillis?: number;
    } = {},
  ) => {
    const { gitHost = localHost, environments = DEFAULT_ENVIRONMENTS } =
      options;
    const connections = new EnvironmentConnections(
      new Map([['production', world.connections]]),
      new Map([['production', world.prices]]),
    );
    const evaluationRuns = createTestRuns({
      knex,
      changes,
      models,
      versions,
      evaluations,
      artifacts,
      environments,
      connections,
      logger,
      leaseMillis: options.leaseMillis,
    });
    const parts = {
      knex,
      logger,
      gitHost,
      people,
      deployments,
      changes: options.changes ?? changes,
    };
    const reconciler = new EnvironmentReconciler({
      ...parts,
      environments,
      models,
      versions,
      promotions: new PromotionStore({ knex }),
      aliases: new DefaultAliasService({
        ...parts,
        environments,
        aliases: aliasStore,
        models,
        versions,
      }),
    });
    const measurements = createMeasurements({
      ...parts,
      auditor: mockServices.auditor.mock(),
      httpAuth: mockServices.httpAuth.mock(),
      permissions: mockServices.permissions.mock(),
      config: { environments },
      models: { store: models, service: {} as never },
      versions: {
        store: versions,
        evaluations,
        trials: {
          answer: (...asked) => world.answering.answer(...asked),
          mostRowsCharacters: Infinity,
        },
      },
      datasets: {
        unguarded: {
          getVersion: (...asked) => world.datasets.getVersion(...asked),
          readRows: (...asked) => world.datasets.readRows(...asked),
          get: async () => ({ owner: world.datasetOwner }),
        } as DatasetSource as never,
      },
    });
    const { service, worker, pushes, automated } = createPromotions({
      ...parts,
      environments: {
        deployments,
        gitHost,
        people,
        reconciler,
        serving: { find: async place => world.serving(place) },
        connectionStates: { find: async () => world.connectionState() },
      },
      models: { store: models },
      versions: {
        store: versions,
        evaluations,
        signing: { find: async () => world.signing },
        trials: {
          rehearse: async () => world.rehearsal,
          tryToLoad: async ({ model, version }) => {
            const { external, servability } = await versions.get(
              model,
              version,
            );
            return external ? servability : world.servability;
          },
        },
      },
      consumers: { of: async () => [{ entity: 'component:default/shop' }] },
      traffic: {
        recentRows: async () => [],
        driftFor: async () => ({
          rows: 0,
          referenceRows: 0,
          leftOut: [],
          reason: 'no-data',
        }),
      },
      evaluationRuns,
      measurements,
      aliases: { store: aliasStore },
      artifacts: { store: artifacts },
      claims: {
        async of(credentials) {
          const user = userRefOf(credentials);
          return [user, ...(world.groupsOf[user] ?? [])];
        },
      },
      manifestSchemaUrl: 'http://portal/schema.json',
      notifications,
      pages,
      config: {
        administrators: ['group:default/ml-platform'],
        environments,
        connections,
        promotion: {
          defaultRollout: {
            strategy: 'canary',
            steps: [{ weightPercent: 10, holdSeconds: 1 }],
          },
          gates: new Gates({
            root: mockServices.rootConfig({ data: world.config }),
            all: promotionGates,
            environments,
          }),
          reviewers: ['group:default/ml-platform'],
          rollbackApprovals: options.rollbackApprovals ?? 0,
        },
      },
      auth: mockServices.auth(),
      auditor: mockServices.auditor.mock(),
      httpAuth: mockServices.httpAuth.mock(),
      permissions: mockServices.permissions({ result: AuthorizeResult.ALLOW }),
    });
    return {
      promotions: service,
      reconciler,
      worker,
      pushes,
      automated,
      evaluationRuns,
      measurements,
    };
  };
  const started = start();

  await changes.transaction(tx =>
    models.insert(tx, {
      name: 'digits',
      externalName: 'digits',
      title: 'Digits',
      description: '',
      task: 'classification',
      owner: 'group:default/vision-team',
      tags: {},
      createdBy: 'user:default/ada',
    }),
  );

  return {
    folder,
    directory,
    knex,
    changes,
    artifacts,
    versions,
    evaluations,
    aliasStore,
    deployments,
    models,
    people,
    logger,
    notifications,
    pages,
    localHost,
    store: new PromotionStore({ knex }),
    clone: await createClone({ directory, folder }),
    world,
    start,
    ...started,

    /** Registers the next version of the model. */
    async register(
      options: {
        evaluation?: Evaluation;
        signature?: Signature;
        schema?: ModelSchema;
        /** Makes it an external version. */
        external?: ExternalDescriptor;
      } = {},
    ): Promise<{ version: number; digest: Digest }> {
      return changes.transaction(async tx => {
        const version = await models.takeVersionNumber(tx, 'digits');
        const content = Buffer.from(`weights of version ${version}`);
        const { digest, sizeBytes } = await artifacts.put(streamOf(content));
        await versions.insert(tx, {
          model: 'digits',
          version,
          description: '',
          format: options.external ? 'external' : 'onnx',
          digest,
          sizeBytes,
          servability: options.external
            ? { state: 'not-tried', reason: RUNS_AT_PROVIDER }
            : world.servability,
          signature: options.external
            ? undefined
            : options.signature ?? SIGNATURE,
          external: options.external,
          schema: options.schema,
          evaluation: options.evaluation,
          tags: {},
          source: {},
          createdBy: 'user:default/ada',
        });
        return { version, digest };
      });
    },

    /** Registers the next version as a bundle of these texts, each in a file called like it. */
    async registerBundle(
      texts: string[],
    ): Promise<{ version: number; digest: Digest }> {
      const store = (bytes: Uint8Array) => artifacts.put(streamOf(bytes));
      const files = await Promise.all(
        texts.map(async text => ({
          path: text,
          ...(await store(Buffer.from(text))),
        })),
      );
      const bundle = encodeBundle({ format: 'onnx', files });
      const { digest } = await store(bundle);
      return changes.transaction(async tx => {
        const version = await models.takeVersionNumber(tx, 'digits');
        await versions.insert(tx, {
          model: 'digits',
          version,
          description: '',
          format: 'onnx',
          digest,
          sizeBytes: bundleBytes(files),
          files,
          servability: world.servability,
          signature: SIGNATURE,
          tags: {},
          source: {},
          createdBy: 'user:default/ada',
        });
        return { version, digest };
      });
    },

    /** Lets the worker and the reconciler do what there is to do. */
    async work(): Promise<void> {
      await started.reconciler.reconcile();
      await started.worker.runOnce(new AbortController().signal);
    },

    async phaseOf(id: string): Promise<PromotionPhase> {
      const { state } = await new PromotionStore({ knex }).get(id);
      return state.phase;
    },

    /** Version that an environment's alias points at. */
    async aliasOf(environment: string): Promise<number | undefined> {
      const change = await aliasStore.changeInForce({
        model: 'digits',
        alias: environment,
      });
      return change?.version;
    },

    /** Promotes and approves a version. */
    async deploy(version: number): Promise<string> {
      const { id } = await started.promotions.promote(
        {
          model: 'digits',
          version,
          environment: 'production',
          reason: 'It is ready.',
        },
        ada,
      );
      await this.work();
      await started.promotions.approve(id, { comment: 'Fine' }, grace);
      await this.work();
      return id;
    },

    async stop(): Promise<void> {
      await localHost.close();
      await knex.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
