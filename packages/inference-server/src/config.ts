import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { CertificatePaths } from '@greenroom/certificates';
import { z } from 'zod';
import type { BrakeSettings } from './domain/brakes/decideBrake';
import { secretFolders } from './secrets/secretFolders';

const MEBIBYTE = 1024 * 1024;
const MILLIS_PER_SECOND = 1_000;

/** Settings of a data plane, from `GREENROOM_*` environment variables. */
export interface Config {
  controlPlaneUrl: string;
  /** Undefined where it lies in a file. */
  controlPlaneToken: string | undefined;
  /** Absolute path of the file that has the token, and may have another one later. */
  controlPlaneTokenFile: string | undefined;
  environment: string;
  /** Absolute path of the folder with the snapshot and the artifacts. */
  dataDirectory: string;
  /** Absolute paths of the folders with the secrets of connections, a file each; the first one that has it counts. */
  secretsDirectories: string[];
  /** Absolute path of the folder of the models that run in a process here; undefined where there is none. */
  localModelsDirectory: string | undefined;
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Where the protocol is answered over gRPC; 0 for any free port, undefined for nowhere. */
  grpcPort: number | undefined;
  /** Where metrics and probes are answered. */
  adminHost: string;
  /** 0 for any free port. */
  adminPort: number;
  /** Where callers reach this data plane; undefined for its own host and port. */
  publicUrl: string | undefined;
  /** What callers are shown, and who may have signed theirs; undefined without TLS. */
  tls: CertificatePaths | undefined;
  /** What the control plane is shown, and who may have signed its certificate; undefined for what Node trusts. */
  controlPlaneTls: CertificatePaths | undefined;
  /** Between two questions for a new snapshot. */
  snapshotPollMillis: number;
  /** How long records are gathered before they are sent. */
  recordsIntervalMillis: number;
  /** Records that wait in memory while the control plane is away. */
  recordsMaxBuffered: number;
  /** Room on disk for records that wait when the process stops; 0 for none. */
  recordsSpoolBytes: number;
  /** Largest request body, before and after decompression. */
  maxBodyBytes: number;
  /** Most values of a JSON body; an array counts as four. */
  maxJsonValues: number;
  /** Requests, and bytes of their bodies, that are held at a time. */
  maxRequestsInFlight: number;
  maxBytesInFlight: number;
  /** The same for each model. */
  maxModelRequestsInFlight: number;
  maxModelBytesInFlight: number;
  /** When a version that fails loses its traffic here. */
  brakes: BrakeSettings;
  /** How long an upstream service may take until its answer begins. */
  upstreamFirstByteMillis: number;
  /** How long an answer of an upstream service may stand still. */
  upstreamIdleMillis: number;
  /** How long an answer of an upstream service may take, all in all. */
  upstreamTotalMillis: number;
  /** Serving processes behind the same ports. */
  processes: number;
  /** Threads that models share which do not run on the serving thread. */
  workerThreads: number;
  /** A run in a thread that takes longer may never end. */
  workerHungMillis: number;
  /** Most estimated memory of the models that are there on demand; 0 for no bound. */
  modelMemoryBytes: number;
  /** Whether the server is ready only while each wanted model is. */
  strictReadiness: boolean;
  /** How long it still takes requests at shutdown, while it is not ready any more. */
  lameDuckSeconds: number;
  /** How long requests in flight may take at shutdown, after that. */
  drainSeconds: number;
  /** Whether it stops, in order, when the process that started it has gone: that one opens an IPC channel. */
  stopWithParent: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The settings cannot be used; the message has one sentence for each. */
export class ConfigError extends Error {
  constructor(sentences: string[]) {
    super(sentences.join('\n'));
    this.name = 'ConfigError';
  }
}

function wholeNumber(
  fallback: number,
  lowest: number,
  highest: number,
  what: string,
) {
  const expected = `expected ${what} from ${lowest} to ${highest}`;
  return z
    .string()
    .regex(/^[0-9]+$/, expected)
    .transform(Number)
    .refine(value => value >= lowest && value <= highest, expected)
    .default(fallback);
}

function httpUrl(expected: string) {
  return z.url({ protocol: /^https?$/, error: expected });
}

function pemFile() {
  return z.string().min(1, 'expected a file in PEM').optional();
}

const schema = z.object({
  GREENROOM_CONTROL_PLANE_URL: httpUrl(
    'expected the http(s) URL of the portal, such as http://localhost:7007',
  ).default('http://localhost:7007'),
  GREENROOM_CONTROL_PLANE_TOKEN: z
    .string()
    .min(8, 'expected a token of at least 8 characters')
    .optional(),
  GREENROOM_CONTROL_PLANE_TOKEN_FILE: z
    .string()
    .min(1, 'expected a file')
    .optional(),
  GREENROOM_ENVIRONMENT: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]*$/,
      'expected the name of an environment, such as production',
    )
    .default('production'),
  GREENROOM_DATA_DIR: z
    .string()
    .min(1, 'expected a folder')
    .default('.data/data-plane'),
  GREENROOM_SECRETS_DIR: z.string().min(1, 'expected a folder').optional(),
  GREENROOM_LOCAL_MODELS_DIR: z.string().min(1, 'expected a folder').optional(),
  GREENROOM_HOST: z
    .string()
    .min(1, 'expected an address to listen on, such as 0.0.0.0')
    .default('127.0.0.1'),
  GREENROOM_PORT: wholeNumber(7080, 0, 65535, 'a port number'),
  GREENROOM_ADMIN_HOST: z
    .string()
    .min(1, 'expected an address to listen on, such as 0.0.0.0')
    .default('127.0.0.1'),
  GREENROOM_GRPC_PORT: z
    .literal('off')
    .default('off')
    .or(wholeNumber(0, 0, 65535, 'a port number, or off,')),
  GREENROOM_ADMIN_PORT: wholeNumber(7081, 0, 65535, 'a port number'),
  GREENROOM_PUBLIC_URL: httpUrl(
    'expected the http(s) URL where callers reach this server',
  ).optional(),
  GREENROOM_TLS_CERT_FILE: pemFile(),
  GREENROOM_TLS_KEY_FILE: pemFile(),
  GREENROOM_TLS_CLIENT_CA_FILE: pemFile(),
  GREENROOM_CONTROL_PLANE_CA_FILE: pemFile(),
  GREENROOM_CONTROL_PLANE_CERT_FILE: pemFile(),
  GREENROOM_CONTROL_PLANE_KEY_FILE: pemFile(),
  GREENROOM_SNAPSHOT_POLL_MILLIS: wholeNumber(
    2_000,
    50,
    600_000,
    'milliseconds',
  ),
  GREENROOM_RECORDS_INTERVAL_MILLIS: wholeNumber(
    1_000,
    50,
    600_000,
    'milliseconds',
  ),
  GREENROOM_RECORDS_MAX_BUFFERED: wholeNumber(
    500_000,
    1_000,
    50_000_000,
    'a number of records',
  ),
  GREENROOM_RECORDS_SPOOL_BYTES: wholeNumber(
    64 * MEBIBYTE,
    0,
    1_024 * 1_024 * MEBIBYTE,
    'a number of bytes',
  ),
  GREENROOM_MAX_BODY_BYTES: wholeNumber(
    16 * MEBIBYTE,
    1_024,
    1_024 * MEBIBYTE,
    'a number of bytes',
  ),
  GREENROOM_MAX_JSON_VALUES: wholeNumber(
    1_000_000,
    1_000,
    100_000_000,
    'a number of values',
  ),
  GREENROOM_MAX_REQUESTS_IN_FLIGHT: wholeNumber(
    4_096,
    1,
    1_000_000,
    'a number of requests',
  ),
  GREENROOM_MAX_BYTES_IN_FLIGHT: wholeNumber(
    256 * MEBIBYTE,
    1_024,
    1_024 * 1_024 * MEBIBYTE,
    'a number of bytes',
  ),
  GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT: wholeNumber(
    1_024,
    1,
    1_000_000,
    'a number of requests',
  ),
  GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: wholeNumber(
    128 * MEBIBYTE,
    1_024,
    1_024 * 1_024 * MEBIBYTE,
    'a number of bytes',
  ),
  GREENROOM_BRAKE_WINDOW_SECONDS: wholeNumber(10, 1, 300, 'seconds'),
  GREENROOM_BRAKE_MIN_REQUESTS: wholeNumber(
    20,
    0,
    1_000_000,
    'a number of requests',
  ),
  GREENROOM_BRAKE_FAILURE_PERCENT: wholeNumber(50, 1, 100, 'percent'),
  GREENROOM_UPSTREAM_FIRST_BYTE_SECONDS: wholeNumber(120, 1, 3_600, 'seconds'),
  GREENROOM_UPSTREAM_IDLE_SECONDS: wholeNumber(60, 1, 3_600, 'seconds'),
  GREENROOM_UPSTREAM_TOTAL_SECONDS: wholeNumber(600, 1, 86_400, 'seconds'),
  GREENROOM_PROCESSES: wholeNumber(1, 1, 64, 'a number of processes'),
  GREENROOM_WORKER_THREADS: wholeNumber(
    availableParallelism(),
    1,
    1_024,
    'a number of threads',
  ),
  GREENROOM_WORKER_HUNG_SECONDS: wholeNumber(60, 1, 86_400, 'seconds'),
  GREENROOM_MODEL_MEMORY_BYTES: wholeNumber(
    0,
    0,
    1_024 * 1_024 * MEBIBYTE,
    'a number of bytes',
  ),
  GREENROOM_STRICT_READINESS: z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .default('false')
    .transform(value => value === 'true'),
  GREENROOM_LAME_DUCK_SECONDS: wholeNumber(2, 0, 3_600, 'seconds'),
  GREENROOM_DRAIN_SECONDS: wholeNumber(15, 0, 3_600, 'seconds'),
  GREENROOM_STOP_WITH_PARENT: z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .default('false')
    .transform(value => value === 'true'),
  GREENROOM_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], {
      error: 'expected debug, info, warn or error',
    })
    .default('info'),
});

/**
 * Reads the settings. An empty variable counts as one that is not set.
 *
 * @throws ConfigError with one sentence for each variable that is wrong.
 */
export function readConfig(
  environment: Record<string, string | undefined>,
): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith('GREENROOM_') && value !== '',
    ),
  );
  const result = schema.safeParse(given);
  const wrong = [
    ...(result.error?.issues ?? []).map(({ path, message }) =>
      sentence(String(path[0]), given, message),
    ),
    ...problemsWithToken(given),
  ];
  if (!result.success || wrong.length > 0) throw new ConfigError(wrong);
  const values = result.data;
  checkTogether(given);
  return {
    controlPlaneUrl: values.GREENROOM_CONTROL_PLANE_URL,
    controlPlaneToken: values.GREENROOM_CONTROL_PLANE_TOKEN,
    controlPlaneTokenFile:
      values.GREENROOM_CONTROL_PLANE_TOKEN_FILE &&
      resolve(values.GREENROOM_CONTROL_PLANE_TOKEN_FILE),
    environment: values.GREENROOM_ENVIRONMENT,
    dataDirectory: resolve(values.GREENROOM_DATA_DIR),
    secretsDirectories: secretFolders({
      named: values.GREENROOM_SECRETS_DIR,
      dataDirectory: values.GREENROOM_DATA_DIR,
      environment: values.GREENROOM_ENVIRONMENT,
    }).map(folder => resolve(folder)),
    localModelsDirectory:
      values.GREENROOM_LOCAL_MODELS_DIR &&
      resolve(values.GREENROOM_LOCAL_MODELS_DIR),
    brakes: {
      windowSeconds: values.GREENROOM_BRAKE_WINDOW_SECONDS,
      minRequests: values.GREENROOM_BRAKE_MIN_REQUESTS,
      minFailurePercent: values.GREENROOM_BRAKE_FAILURE_PERCENT,
    },
    upstreamFirstByteMillis:
      values.GREENROOM_UPSTREAM_FIRST_BYTE_SECONDS * MILLIS_PER_SECOND,
    upstreamIdleMillis:
      values.GREENROOM_UPSTREAM_IDLE_SECONDS * MILLIS_PER_SECOND,
    upstreamTotalMillis:
      values.GREENROOM_UPSTREAM_TOTAL_SECONDS * MILLIS_PER_SECOND,
    host: values.GREENROOM_HOST,
    port: values.GREENROOM_PORT,
    grpcPort:
      values.GREENROOM_GRPC_PORT === 'off'
        ? undefined
        : values.GREENROOM_GRPC_PORT,
    adminHost: values.GREENROOM_ADMIN_HOST,
    adminPort: values.GREENROOM_ADMIN_PORT,
    publicUrl: values.GREENROOM_PUBLIC_URL,
    tls: certificatePaths({
      certificate: values.GREENROOM_TLS_CERT_FILE,
      privateKey: values.GREENROOM_TLS_KEY_FILE,
      authorities: values.GREENROOM_TLS_CLIENT_CA_FILE,
    }),
    controlPlaneTls: certificatePaths({
      certificate: values.GREENROOM_CONTROL_PLANE_CERT_FILE,
      privateKey: values.GREENROOM_CONTROL_PLANE_KEY_FILE,
      authorities: values.GREENROOM_CONTROL_PLANE_CA_FILE,
    }),
    snapshotPollMillis: values.GREENROOM_SNAPSHOT_POLL_MILLIS,
    recordsIntervalMillis: values.GREENROOM_RECORDS_INTERVAL_MILLIS,
    recordsMaxBuffered: values.GREENROOM_RECORDS_MAX_BUFFERED,
    recordsSpoolBytes: values.GREENROOM_RECORDS_SPOOL_BYTES,
    maxBodyBytes: values.GREENROOM_MAX_BODY_BYTES,
    maxJsonValues: values.GREENROOM_MAX_JSON_VALUES,
    maxRequestsInFlight: values.GREENROOM_MAX_REQUESTS_IN_FLIGHT,
    maxBytesInFlight: values.GREENROOM_MAX_BYTES_IN_FLIGHT,
    maxModelRequestsInFlight: values.GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT,
    maxModelBytesInFlight: values.GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT,
    processes: values.GREENROOM_PROCESSES,
    workerThreads: values.GREENROOM_WORKER_THREADS,
    workerHungMillis: values.GREENROOM_WORKER_HUNG_SECONDS * MILLIS_PER_SECOND,
    modelMemoryBytes: values.GREENROOM_MODEL_MEMORY_BYTES,
    strictReadiness: values.GREENROOM_STRICT_READINESS,
    lameDuckSeconds: values.GREENROOM_LAME_DUCK_SECONDS,
    drainSeconds: values.GREENROOM_DRAIN_SECONDS,
    stopWithParent: values.GREENROOM_STOP_WITH_PARENT,
    logLevel: values.GREENROOM_LOG_LEVEL,
  };
}

/** Settings that say something only beside another one. */
const NEEDED_BESIDE = {
  GREENROOM_TLS_CERT_FILE: 'GREENROOM_TLS_KEY_FILE',
  GREENROOM_TLS_KEY_FILE: 'GREENROOM_TLS_CERT_FILE',
  GREENROOM_TLS_CLIENT_CA_FILE: 'GREENROOM_TLS_CERT_FILE',
  GREENROOM_CONTROL_PLANE_CERT_FILE: 'GREENROOM_CONTROL_PLANE_KEY_FILE',
  GREENROOM_CONTROL_PLANE_KEY_FILE: 'GREENROOM_CONTROL_PLANE_CERT_FILE',
};

function checkTogether(given: Record<string, string | undefined>): void {
  const sentences = Object.entries(NEEDED_BESIDE)
    .filter(
      ([name, needed]) =>
        given[name] !== undefined && given[needed] === undefined,
    )
    .map(([name, needed]) => `${name} is set: expected ${needed} beside it.`);
  if (sentences.length > 0) throw new ConfigError(sentences);
}

function certificatePaths(files: {
  certificate?: string;
  privateKey?: string;
  authorities?: string;
}): CertificatePaths | undefined {
  const { certificate, privateKey, authorities } = files;
  const hasIdentity = certificate !== undefined && privateKey !== undefined;
  if (!hasIdentity && authorities === undefined) return undefined;
  return {
    ...(hasIdentity && {
      identity: {
        certificate: resolve(certificate),
        privateKey: resolve(privateKey),
      },
    }),
    ...(authorities !== undefined && { authorities: resolve(authorities) }),
  };
}

/** It is told once, in one of two ways. */
function problemsWithToken(
  given: Record<string, string | undefined>,
): string[] {
  const token = 'GREENROOM_CONTROL_PLANE_TOKEN';
  const file = 'GREENROOM_CONTROL_PLANE_TOKEN_FILE';
  if (given[token] === undefined && given[file] === undefined) {
    return [
      sentence(
        token,
        given,
        `expected the token that the portal knows for data planes of this environment (backend.auth.externalAccess), or a file that has it as ${file}`,
      ),
    ];
  }
  if (given[token] === undefined || given[file] === undefined) return [];
  return [sentence(file, given, `expected only where ${token} is not set`)];
}

function sentence(
  name: string,
  given: Record<string, string | undefined>,
  message: string,
): string {
  const value = given[name];
  if (value === undefined) return `${name} is not set: ${message}.`;
  const shown = name.endsWith('_TOKEN') ? 'too short' : JSON.stringify(value);
  return `${name} is ${shown}: ${message}.`;
}
