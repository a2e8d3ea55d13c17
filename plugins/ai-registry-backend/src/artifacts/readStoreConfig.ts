import type { RootConfigService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { S3Access } from '@greenroom/artifact-store';

/** Where artifacts are kept. */
export type ArtifactStoreConfig =
  | { type: 'folder' }
  | ({ type: 's3'; prefix: string } & S3Access);

/** Reads `aiRegistry.artifacts.store`; an InputError names what is wrong. */
export function readStoreConfig(
  config: ReturnType<RootConfigService['getOptionalConfig']>,
  numberBetween: (
    key: string,
    defaultValue: number,
    bounds: [number, number],
  ) => number,
): ArtifactStoreConfig {
  const store = config?.getOptionalConfig('artifacts.store');
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
      numberBetween('artifacts.store.timeoutSeconds', 30, [1, 600]) * 1_000,
    maxAttempts: numberBetween('artifacts.store.maxAttempts', 3, [1, 10]),
  };
}

function protocolOf(url: string): string {
  return URL.parse(url)?.protocol ?? '';
}
