import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { resolve } from 'node:path';
import type { S3Access } from '../s3/createS3Client';

const GIGABYTE = 1024 ** 3;

/** Where artifacts are kept. */
export type ArtifactStorePlace =
  | { type: 'folder' }
  | ({ type: 's3'; prefix: string } & S3Access);

/** Where artifacts are kept, and how large each may be: `aiRegistry.artifacts`. */
export interface ArtifactSettings {
  /** Absolute path. */
  directory: string;
  store: ArtifactStorePlace;
  /** Largest artifact that is taken. */
  maxBytes: number;
}

/**
 * Reads what every backend needs to open the one store of an installation.
 *
 * @throws InputError that names the first setting that is wrong
 */
export function readArtifactSettings(root: Config): ArtifactSettings {
  const config = root.getOptionalConfig('aiRegistry.artifacts');
  const store = readPlace(config);
  return {
    directory: readDirectory(config, store),
    store,
    maxBytes: numberBetween(config, 'maxBytes', 20 * GIGABYTE, [
      1,
      Number.MAX_SAFE_INTEGER,
    ]),
  };
}

/** It has no default: a folder that nobody chose would lie below the backend's, in somebody's checkout. */
function readDirectory(
  config: Config | undefined,
  store: ArtifactStorePlace,
): string {
  const value = config?.getOptionalString('directory');
  if (value) return resolve(value);
  const purpose =
    store.type === 's3'
      ? 'the folder in which uploads wait until they are in the bucket'
      : 'the folder in which the files of models are kept';
  throw new InputError(
    `aiRegistry.artifacts.directory is not set: set it to ${purpose}, for example /var/lib/greenroom/artifacts; a relative path starts at the backend's working directory`,
  );
}

function readPlace(config: Config | undefined): ArtifactStorePlace {
  const store = config?.getOptionalConfig('store');
  const type = store?.getOptionalString('type') ?? 'folder';
  if (!store || type === 'folder') return { type: 'folder' };
  if (type !== 's3') {
    throw new InputError(
      `aiRegistry.artifacts.store.type is '${type}': it must be folder or s3`,
    );
  }
  const accessKeyId = store.getOptionalString('accessKeyId');
  const secretAccessKey = store.getOptionalString('secretAccessKey');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new InputError(
      'aiRegistry.artifacts.store needs both accessKeyId and secretAccessKey, or neither: then they are found in the environment',
    );
  }
  const endpoint = store.getOptionalString('endpoint');
  if (endpoint !== undefined && !/^https?:$/.test(protocolOf(endpoint))) {
    throw new InputError(
      `aiRegistry.artifacts.store.endpoint is '${endpoint}': it must be a URL such as https://s3.example.com`,
    );
  }
  return {
    type: 's3',
    bucket: store.getString('bucket'),
    region: store.getOptionalString('region') ?? 'us-east-1',
    endpoint,
    forcePathStyle:
      store.getOptionalBoolean('forcePathStyle') ?? endpoint !== undefined,
    prefix: store.getOptionalString('prefix') ?? '',
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey }
        : undefined,
    timeoutMillis:
      numberBetween(config, 'store.timeoutSeconds', 30, [1, 600]) * 1_000,
    maxAttempts: numberBetween(config, 'store.maxAttempts', 3, [1, 10]),
  };
}

function numberBetween(
  config: Config | undefined,
  key: string,
  defaultValue: number,
  [lowest, highest]: [number, number],
): number {
  const value = config?.getOptionalNumber(key) ?? defaultValue;
  if (value < lowest || value > highest) {
    throw new InputError(
      `aiRegistry.artifacts.${key} is ${value}: it must lie between ${lowest} and ${highest}`,
    );
  }
  return value;
}

function protocolOf(url: string): string {
  return URL.parse(url)?.protocol ?? '';
}
