import { conformInCluster } from './__testUtils__/conformInCluster';

jest.setTimeout(120_000);

describe('KubernetesTrainingBackend, as every backend', () => {
  conformInCluster({ place: {} });
});
