import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  type KubernetesDeployerSettings,
  readKubernetesDeployer,
} from './kubernetesDeployerSettings';
import { readWholeNumber } from './readWholeNumber';

/**
 * `none`: whoever runs the portal starts data planes, with a token of the environment.
 * `local`: the control plane runs one as a process of its own while it is needed.
 * `kubernetes`: the control plane has a cluster run them, as a Deployment.
 */
export type DeployerSettings =
  | { kind: 'none' }
  | {
      kind: 'local';
      /** Where it listens; undefined for any free port. */
      port?: number;
      /** How long it runs on after the last request, change or try. */
      idleMinutes: number;
    }
  | KubernetesDeployerSettings;

const DEFAULT_IDLE_MINUTES = 15;
const MOST_IDLE_MINUTES = 10_080;

/** @throws InputError that names the setting that is wrong */
export function readDeployer(config: Config, where: string): DeployerSettings {
  const value = config.getOptional('deployer') ?? 'none';
  const isNamed = typeof value === 'string';
  const settings = isNamed ? undefined : config.getConfig('deployer');
  const kind = isNamed ? value : settings!.getString('kind');
  const key = `${where}.deployer`;
  if (kind === 'kubernetes') {
    if (!settings) {
      throw new InputError(
        `${key} is 'kubernetes': expected its settings, { kind: kubernetes, namespace, image }`,
      );
    }
    return readKubernetesDeployer(settings, key);
  }
  if (kind !== 'none' && kind !== 'local') {
    throw new InputError(
      `${key} is '${kind}': expected none, local or kubernetes`,
    );
  }
  const port = readWholeNumber(settings, { key, name: 'port', most: 65_535 });
  const idleMinutes = readWholeNumber(settings, {
    key,
    name: 'idleMinutes',
    most: MOST_IDLE_MINUTES,
  });
  if (kind === 'local') {
    return {
      kind,
      ...(port !== undefined && { port }),
      idleMinutes: idleMinutes ?? DEFAULT_IDLE_MINUTES,
    };
  }
  for (const [name, number] of Object.entries({ port, idleMinutes })) {
    if (number === undefined) continue;
    throw new InputError(
      `${key}.${name} is ${number}: expected only where kind is local`,
    );
  }
  return { kind };
}
