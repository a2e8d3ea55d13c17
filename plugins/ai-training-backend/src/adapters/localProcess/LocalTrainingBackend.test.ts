import { FolderArtifactStore } from '@greenroom/artifact-store';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  trainingBackendConformance,
  type TrainingBackendHarness,
  until,
} from '../../backends/testing/trainingBackendConformance';
import {
  LocalTrainingBackend,
  type LocalTrainingBackendOptions,
} from './LocalTrainingBackend';

const GIBIBYTE = 1024 ** 3;

describe('LocalTrainingBackend', () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'local-training-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const createHarness = async (
    changes: Partial<LocalTrainingBackendOptions> = {},
  ): Promise<
    TrainingBackendHarness & {
      backend: LocalTrainingBackend;
      directory: string;
    }
  > => {
    const folder = await mkdtemp(join(root, 'case-'));
    const directory = join(folder, 'training');
    const artifacts = await FolderArtifactStore.create({
      directory: join(folder, 'artifacts'),
      maxBytes: GIBIBYTE,
    });
    const open = () =>
      new LocalTrainingBackend({
        directory,
        artifacts,
        slots: 2,
        python: 'python3',
        awaySeconds: 120,
        surroundings: process.env,
        logger: { info: () => {}, warn: () => {} },
        ...changes,
      });
    const harness = {
      backend: open(),
      artifacts,
      directory,
      async restart() {
        await harness.backend.close();
        harness.backend = open();
        return harness.backend;
      },
      abandon: async () => {},
      isThere(pid: number) {
        try {
          // One that has ended and is not asked about yet is not there.
          return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        } catch {
          return false;
        }
      },
      async dispose() {
        const running = async () =>
          (await harness.backend.observe()).filter(
            ({ state }) => state.phase !== 'ended',
          );
        for (const id of await running()) {
          await harness.backend.stop(id, { graceSeconds: 0 });
        }
        await until(
          async () => ((await running()).length === 0 ? true : undefined),
          'end of all attempts',
        );
        await harness.backend.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
    return harness;
  };

  describe('as a training backend', () => {
    trainingBackendConformance(() => createHarness());
  });
});
