import { FolderArtifactStore } from '@greenroom/artifact-store';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  trainingBackendConformance,
  type TrainingBackendHarness,
  until,
} from '../../../backends/testing/trainingBackendConformance';
import { TRAIN_IMAGE, TrainingCluster } from './TrainingCluster';
import type { KubernetesTrainingBackend } from '../KubernetesTrainingBackend';
import type { TrainingPlace } from '../settings';

const GIBIBYTE = 1024 ** 3;
const CLAIM = 'checkpoints';
const LEAST_TOKEN_CHARACTERS = 8;

/**
 * Has the backend do in a cluster what every backend does.
 *
 * @param options.prepare - installs what its settings need
 */
export function conformInCluster(options: {
  place: Partial<TrainingPlace>;
  prepare?(training: TrainingCluster): Promise<{ stop(): Promise<void> }>;
}): void {
  let training: TrainingCluster;
  let folder: string;
  let prepared: { stop(): Promise<void> } | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubernetes-conformance-'));
    training = await TrainingCluster.start();
    await training.makeClaim(CLAIM);
    prepared = await options.prepare?.(training);
  });
  afterAll(async () => {
    await prepared?.stop();
    await training?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Has the portal know what each job runs, as the control plane does. */
  const known = (backend: KubernetesTrainingBackend) => {
    const start = backend.start.bind(backend);
    backend.start = async (wanted, token) => {
      training.sourceDigests.set(wanted.job, wanted.sourceDigest);
      await start(wanted, token.padEnd(LEAST_TOKEN_CHARACTERS, '-'));
    };
    return backend;
  };
  const open = () =>
    known(training.backend({ checkpointsClaim: CLAIM, ...options.place }));

  const createHarness = async (): Promise<TrainingBackendHarness> => {
    const artifacts = await FolderArtifactStore.create({
      directory: join(folder, 'artifacts'),
      maxBytes: GIBIBYTE,
    });
    training.artifacts = artifacts;
    const harness = {
      backend: open(),
      artifacts,
      image: TRAIN_IMAGE,
      many: 15,
      async restart() {
        await harness.backend.close();
        harness.backend = open();
        return harness.backend;
      },
      abandon: async () => {},
      isThere(pid: number) {
        try {
          return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        } catch {
          return false;
        }
      },
      async dispose() {
        const all = () => harness.backend.observe();
        for (const id of await all()) {
          await harness.backend.stop(id, { graceSeconds: 0 });
        }
        await until(async () => {
          for (const { state, ...id } of await all()) {
            if (state.phase === 'ended') await harness.backend.release(id);
          }
          return (await all()).length === 0 ? true : undefined;
        }, 'end of all attempts');
        await harness.backend.close();
      },
    };
    return harness;
  };

  trainingBackendConformance(createHarness);
}
