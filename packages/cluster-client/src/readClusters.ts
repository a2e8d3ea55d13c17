import type { Config } from '@backstage/config';
import { KubeConfig } from '@kubernetes/client-node';
import { TokenFile } from './TokenFile';

/** A cluster as Backstage's configuration gives it. */
export interface ConfiguredCluster {
  name: string;
  url: string;
  /** Of a service account; undefined where it lies in a file. */
  token?: string;
  /** Base64 of PEM. */
  caData?: string;
  caFile?: string;
  skipTlsVerify: boolean;
}

/** Settings of the deployer that are not one environment's. */
export interface KubernetesConfig {
  clusters: ConfiguredCluster[];
  /** Files with tokens, by name of the cluster; they are read again and again. */
  tokenFiles: Record<string, string>;
  installation: string;
}

const INSTALLATION_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The clusters that Backstage's Kubernetes plugin knows by its configuration, and what is our own.
 *
 * @throws Error that names the setting that is wrong
 */
export function readKubernetesConfig(root: Config): KubernetesConfig {
  const own = root.getOptionalConfig('aiInference.kubernetes');
  const installation = own?.getOptionalString('installation') ?? 'greenroom';
  if (!INSTALLATION_PATTERN.test(installation)) {
    throw new Error(
      `aiInference.kubernetes.installation is '${installation}': expected up to 63 lower-case letters, digits and dashes`,
    );
  }
  const clusters = (
    root.getOptionalConfigArray('kubernetes.clusterLocatorMethods') ?? []
  )
    .filter(method => method.getString('type') === 'config')
    .flatMap(method => method.getOptionalConfigArray('clusters') ?? [])
    .map(
      (cluster): ConfiguredCluster => ({
        name: cluster.getString('name'),
        url: cluster.getString('url'),
        token: cluster.getOptionalString('serviceAccountToken')?.trim(),
        caData: cluster.getOptionalString('caData'),
        caFile: cluster.getOptionalString('caFile'),
        skipTlsVerify: cluster.getOptionalBoolean('skipTLSVerify') ?? false,
      }),
    );
  return {
    clusters,
    tokenFiles: own?.getOptional<Record<string, string>>('tokenFiles') ?? {},
    installation,
  };
}

/**
 * How a cluster is reached.
 *
 * @param name - undefined for the one that this process runs in
 * @throws Error with a sentence where it is not known, or there is nothing to authenticate with
 */
export function kubeConfigOf(
  { clusters, tokenFiles }: KubernetesConfig,
  name: string | undefined,
): KubeConfig {
  const config = new KubeConfig();
  if (name === undefined) {
    config.loadFromCluster();
    return config;
  }
  const cluster = clusters.find(one => one.name === name);
  if (!cluster) {
    throw new Error(
      `no cluster '${name}' is configured: kubernetes.clusterLocatorMethods has ${
        clusters.map(one => one.name).join(', ') || 'none of type config'
      }`,
    );
  }
  const tokenFile = tokenFiles[name];
  const { url, token, caData, caFile, skipTlsVerify } = cluster;
  if (token === undefined && tokenFile === undefined) {
    throw new Error(
      `the cluster '${name}' has no token: set serviceAccountToken there, or name a file as aiInference.kubernetes.tokenFiles.${name}`,
    );
  }
  config.loadFromOptions({
    clusters: [
      { name, server: url, caData, caFile, skipTLSVerify: skipTlsVerify },
    ],
    users: [
      tokenFile === undefined
        ? { name, token }
        : { name, authProvider: TokenFile.authProvider(tokenFile) },
    ],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  TokenFile.register(config);
  return config;
}
