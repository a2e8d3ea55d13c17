import type { Config } from '@backstage/config';
import type { CertificatePaths } from '@greenroom/certificates';
import type { BatchingOptions } from '@greenroom/plugin-ai-inference-common';
import {
  EnvironmentConnections,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import { resolve } from 'node:path';

const MINUTE_MILLIS = 60_000;
const DAY_MILLIS = 24 * 60 * 60 * 1_000;
const DAYS_A_MONTH = 31;

/** The plugin's settings; `config.d.ts` explains each. */
export interface InferenceConfig {
  /** Where people find the portal (app.baseUrl). */
  portalUrl?: string;
  environments: Environments;
  connections: EnvironmentConnections;
  dataPlane: { offlineAfterMillis: number; certificates?: CertificatePaths };
  rollout: {
    drainMillis: number;
    quorum: number;
    /** Undefined where a version that does not load is tried for ever. */
    giveUpMillis?: number;
  };
  retention: { keepRollouts: number };
  audit: { keepMonths: number };
  batching: BatchingOptions;
  recordedRowsPerSecond: number;
  playground: { timeoutMillis: number; wakeMillis: number };
  keys: { maxLifetimeMillis: number };
  /** Paths are absolute. */
  localDataPlanes: { directory?: string; program?: string };
}

export function readInferenceConfig(config: Config): InferenceConfig {
  const root = config.getOptionalConfig('aiInference');
  const read = (key: string, fallback: number, lowest: number): number => {
    const value = root?.getOptionalNumber(key) ?? fallback;
    if (value < lowest) {
      throw new Error(
        `The setting aiInference.${key} is ${value}, but must be at least ${lowest}`,
      );
    }
    return value;
  };
  return {
    portalUrl: config.getOptionalString('app.baseUrl'),
    environments: Environments.fromConfig(config),
    connections: EnvironmentConnections.fromConfig(config),
    dataPlane: {
      offlineAfterMillis: read('dataPlane.offlineAfterSeconds', 10, 3) * 1_000,
      certificates: readCertificatePaths(root),
    },
    rollout: {
      drainMillis: read('rollout.drainSeconds', 60, 0) * 1_000,
      quorum: read('rollout.quorum', 1, 1),
      giveUpMillis:
        read('rollout.giveUpMinutes', 30, 0) * MINUTE_MILLIS || undefined,
    },
    retention: {
      keepRollouts: read('retention.rolloutsPerDeployment', 100, 1),
    },
    audit: { keepMonths: readAuditMonths(read, root) },
    batching: {
      maxRows: read('batching.maxRows', 64, 1),
      maxDelayMicros: read('batching.maxDelayMicros', 0, 0),
    },
    recordedRowsPerSecond: read('recordedRowsPerSecond', 50, 0),
    keys: {
      maxLifetimeMillis: read('keys.maxLifetimeDays', 365, 1) * DAY_MILLIS,
    },
    playground: {
      timeoutMillis: read('playground.timeoutSeconds', 30, 1) * 1_000,
      wakeMillis: read('playground.wakeSeconds', 45, 1) * 1_000,
    },
    localDataPlanes: {
      directory: absolute(root?.getOptionalString('localDataPlanes.directory')),
      program: absolute(
        root?.getOptionalString('localDataPlanes.program') ??
          // Versions are tried with it already.
          config.getOptionalString('aiRegistry.trial.program'),
      ),
    },
  };
}

function readCertificatePaths(
  root: Config | undefined,
): CertificatePaths | undefined {
  const [caFile, certFile, keyFile] = ['caFile', 'certFile', 'keyFile'].map(
    key => absolute(root?.getOptionalString(`dataPlane.certificates.${key}`)),
  );
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new Error(
      'aiInference.dataPlane.certificates has one of certFile and keyFile: expected both, or neither',
    );
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return {
    ...(certFile !== undefined &&
      keyFile !== undefined && {
        identity: { certificate: certFile, privateKey: keyFile },
      }),
    ...(caFile !== undefined && { authorities: caFile }),
  };
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

/** Before it had a name of its own it was a number of days among the other retentions. */
function readAuditMonths(
  read: (key: string, fallback: number, lowest: number) => number,
  root: Config | undefined,
): number {
  const isInDays =
    root?.has('retention.eventDays') && !root.has('audit.keepMonths');
  return isInDays
    ? Math.ceil(read('retention.eventDays', 400, 1) / DAYS_A_MONTH)
    : read('audit.keepMonths', 13, 1);
}
