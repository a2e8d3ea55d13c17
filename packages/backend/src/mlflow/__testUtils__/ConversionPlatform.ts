import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { JsonObject } from '@backstage/types';
import {
  IssuedTokens,
  issuedTokensServiceRef,
  serviceTokenHandlerFactory,
} from '@greenroom/ai-node';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import {
  AiRegistryClient,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import {
  AiTrainingClient,
  type Conversion,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const INFERENCE_SERVER = path.resolve(
  __dirname,
  '../../../../inference-server',
);
const SCRIPTS = path.resolve(__dirname, '../python');

export const OWNER = `owner-${randomBytes(24).toString('hex')}`;
export const READER = `reader-${randomBytes(24).toString('hex')}`;
/** The model's owners may change it, but run nothing. */
export const WRITER = `writer-${randomBytes(24).toString('hex')}`;

const EVERYTHING_OF_MODELS = [
  'ai-registry.model.create',
  'ai-registry.model.read',
  'ai-registry.model.update',
  'ai-registry.artifact.upload',
  'ai-registry.artifact.read',
  'ai-training.experiment.create',
  'ai-training.experiment.read',
  'ai-training.run.write',
];

const owner = { token: OWNER };

/** The registry and training as they are, with people and programs of their own. Only the catalog is made up. */
export class ConversionPlatform {
  readonly directory: string;
  readonly url: string;
  readonly registry: AiRegistryClient;
  readonly training: AiTrainingClient;
  readonly #stop: () => Promise<void>;

  /** @param options.config - besides what all need */
  static async start(options: {
    databases: TestDatabases;
    /** Of its files. */
    directory: string;
    /** Of the data plane's bundle. */
    program: string;
    config: JsonObject;
  }): Promise<ConversionPlatform> {
    const { databases, directory, program, config } = options;
    const knexes = new Map<string, Promise<Knex>>();
    const knexOf = (pluginId: string) => {
      const known = knexes.get(pluginId) ?? databases.init('POSTGRES_18');
      knexes.set(pluginId, known);
      return known;
    };
    const access = (name: string, token: string, permissions: string[]) => ({
      type: 'greenroom',
      options: {
        name,
        owner: 'group:default/vision',
        token,
        scopes: permissions.map(permission => ({ permission })),
      },
    });
    const backend = await startTestBackend({
      features: [
        aiTrainingFeatures,
        aiRegistryPlugin,
        authServiceFactory,
        httpAuthServiceFactory,
        permissionsServiceFactory,
        serviceTokenHandlerFactory,
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          async factory({ plugin }) {
            const knex = await knexOf(plugin.getId());
            return { getClient: async () => knex };
          },
        }),
        createServiceFactory({
          service: issuedTokensServiceRef,
          deps: { logger: coreServices.rootLogger },
          factory: ({ logger }) =>
            new IssuedTokens({ logger, connect: () => knexOf('ai-registry') }),
        }),
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'vision' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            backend: {
              baseUrl: 'http://127.0.0.1',
              auth: {
                externalAccess: [
                  { type: 'greenroom', options: { from: 'portal' } },
                  access('owner', OWNER, [
                    ...EVERYTHING_OF_MODELS,
                    'ai-training.job.submit',
                  ]),
                  access('writer', WRITER, EVERYTHING_OF_MODELS),
                  access('reader', READER, [
                    'ai-registry.model.read',
                    'ai-training.experiment.read',
                  ]),
                ],
              },
            },
            permission: { enabled: true },
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: { directory: path.join(directory, 'git') },
              trial: { program: path.join(program, 'main.cjs') },
            },
            ...config,
          },
        }),
      ],
    });
    const url = `http://127.0.0.1:${backend.server.port()}`;
    return new ConversionPlatform(directory, url, () => backend.stop());
  }

  private constructor(
    directory: string,
    url: string,
    stop: () => Promise<void>,
  ) {
    this.directory = directory;
    this.url = url;
    this.#stop = stop;
    const discoveryApi = {
      getBaseUrl: async (plugin: string) => `${url}/api/${plugin}`,
    };
    this.registry = new AiRegistryClient({ discoveryApi });
    this.training = new AiTrainingClient({ discoveryApi });
  }

  /** To its end. */
  async convert(model: string): Promise<Conversion> {
    const ref = { model, version: 1 };
    let conversion = await this.training.convertVersion(ref, owner);
    while (conversion.state.phase === 'converting') {
      await sleep(500);
      conversion = (await this.training.findConversion(ref, owner))!;
    }
    return conversion;
  }

  /** Once the platform has tried it. */
  async triedVersion(
    model: string,
    version: number,
  ): Promise<ModelVersionDetail> {
    let found: ModelVersionDetail;
    do {
      await sleep(200);
      found = await this.registry.getVersion(model, version, owner);
    } while (found.servability.state === 'pending');
    return found;
  }

  /** @returns the last line that a script beside these tests prints */
  async runPython(
    python: string,
    script: string,
    ...words: string[]
  ): Promise<string> {
    const { stdout } = await promisify(execFile)(
      python,
      [path.join(SCRIPTS, script), this.directory, ...words],
      {
        env: {
          PATH: process.env.PATH,
          HOME: this.directory,
          MLFLOW_TRACKING_URI: `${this.url}/api/ai-training/mlflow`,
          MLFLOW_TRACKING_TOKEN: OWNER,
        },
        timeout: 240_000,
      },
    );
    return stdout.trim().split('\n').at(-1)!;
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}

/** A folder for a platform's files, and one for the data plane's bundle, which is made. */
export async function makeConversionFolders(): Promise<{
  directory: string;
  program: string;
  remove(): Promise<void>;
}> {
  const directory = await mkdtemp(path.join(tmpdir(), 'conversion-'));
  // Within the package, where the program finds what is not bundled.
  await mkdir(path.join(INFERENCE_SERVER, 'dist'), { recursive: true });
  const program = await mkdtemp(path.join(INFERENCE_SERVER, 'dist', 'test-'));
  execFileSync(process.execPath, [
    path.join(INFERENCE_SERVER, 'build.mjs'),
    ...['--out', program, '--only', 'main'],
  ]);
  return {
    directory,
    program,
    async remove() {
      for (const folder of [directory, program]) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Where environments with the converter's packages are kept, outside of the clone. */
export function converterEnvironments(): string {
  // `npm test` names it, and leaves the tests that need it out where there is no Python.
  const environments = process.env.GREENROOM_TEST_CONVERTER;
  if (!environments) throw new Error('run this test by npm test -- jest');
  return environments;
}

/** Undefined where none was made yet. */
export function findConverterPython(environments: string): string | undefined {
  if (!existsSync(environments)) return undefined;
  return readdirSync(environments)
    .filter(name => existsSync(path.join(environments, name, 'complete')))
    .map(name => path.join(environments, name, 'bin/python'))
    .at(0);
}
