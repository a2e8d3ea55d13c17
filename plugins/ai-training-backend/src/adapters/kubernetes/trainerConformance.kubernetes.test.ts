import { TestTrainer } from '@greenroom/test-cluster';
import { conformInCluster } from './__testUtils__/conformInCluster';

jest.setTimeout(120_000);

describe('KubernetesTrainingBackend with Kubeflow Trainer, as every backend', () => {
  conformInCluster({
    place: {
      trainer: {
        runtime: 'torch-distributed',
        runtimeKind: 'ClusterTrainingRuntime',
        runs: 'all',
      },
    },
    prepare: ({ cluster }) =>
      TestTrainer.start({ config: cluster.kubeConfig() }),
  });
});
