import { ConfigReader } from '@backstage/config';
import { kubeConfigOf, readKubernetesConfig } from './readClusters';

const CLUSTER = {
  name: 'prod',
  url: 'https://10.0.0.1:6443',
  authProvider: 'serviceAccount',
  serviceAccountToken: 'of-prod',
  caData: 'QUJD',
};

function read(own: object = {}, clusters: object[] = [CLUSTER]) {
  return readKubernetesConfig(
    new ConfigReader({
      aiInference: { kubernetes: own },
      kubernetes: {
        clusterLocatorMethods: [
          { type: 'catalog' },
          { type: 'config', clusters },
        ],
      },
    }),
  );
}

describe('the clusters', () => {
  it('are those of Backstage, and none where it has none', () => {
    expect(read().clusters).toEqual([
      {
        name: 'prod',
        url: 'https://10.0.0.1:6443',
        token: 'of-prod',
        caData: 'QUJD',
        skipTlsVerify: false,
      },
    ]);
    expect(readKubernetesConfig(new ConfigReader({}))).toEqual({
      clusters: [],
      tokenFiles: {},
      installation: 'greenroom',
    });
  });

  it('are reached with the token that is set, or lies in a file', () => {
    const config = kubeConfigOf(read(), 'prod');
    expect(config.getCurrentCluster()?.server).toBe('https://10.0.0.1:6443');
    expect(config.getCurrentUser()?.token).toBe('of-prod');
    const byFile = kubeConfigOf(read({ tokenFiles: { prod: '/t' } }), 'prod');
    expect(byFile.getCurrentUser()).toMatchObject({
      authProvider: { config: { trimmedTokenFile: '/t' } },
    });
    expect(byFile.getCurrentUser()?.token).toBeUndefined();
  });

  it('are named where one is not known, or has no token', () => {
    expect(() => kubeConfigOf(read(), 'test')).toThrow(
      "no cluster 'test' is configured: kubernetes.clusterLocatorMethods has prod",
    );
    const { serviceAccountToken: _, ...without } = CLUSTER;
    expect(() => kubeConfigOf(read({}, [without]), 'prod')).toThrow(
      "the cluster 'prod' has no token: set serviceAccountToken there, or name a file as aiInference.kubernetes.tokenFiles.prod",
    );
  });

  it('tell portals apart by a name that a label may have', () => {
    expect(() => read({ installation: 'Our Portal' })).toThrow(
      "aiInference.kubernetes.installation is 'Our Portal': expected up to 63 lower-case letters, digits and dashes",
    );
  });
});
