import {
  DATASET_DIGEST_TAG,
  type DatasetReference,
  SHORT_DIGEST_CHARACTERS,
} from '@greenroom/plugin-ai-training-common';

/** What a run says of one of its inputs. */
export interface SaidOfInput {
  tags: Record<string, string>;
  digest: string;
  source: string;
  /** `<name>/versions/<number>` where the source is an address of a registry. */
  registryDataset: string | null;
}

/** Which version of a dataset of this portal's registry an input is; undefined where it names none. */
export function readReference(
  input: SaidOfInput,
  /** Where people and programs find the registry, without a slash at the end. */
  registryUrls: readonly string[],
): DatasetReference | undefined {
  const tag = input.tags[DATASET_DIGEST_TAG];
  if (tag !== undefined && /^sha256:[0-9a-f]{64}$/.test(tag)) {
    return { by: 'tag', digest: tag };
  }
  if (
    input.digest.length === SHORT_DIGEST_CHARACTERS &&
    /^[0-9a-f]+$/.test(input.digest)
  ) {
    return { by: 'digest', digestPrefix: input.digest };
  }
  const path = input.registryDataset;
  if (
    path &&
    addressesOf(path, registryUrls).some(at => input.source.includes(at))
  ) {
    const [dataset, , version] = path.split('/');
    return { by: 'source', dataset, version: Number(version) };
  }
  return undefined;
}

/** Where a version is, from outside: another portal's dataset of the same name is another one. */
export function addressesOf(
  path: string,
  registryUrls: readonly string[],
): string[] {
  return registryUrls.map(url => `${url}/datasets/${path}`);
}

/** What MLflow's own digest is where it is the first digits of one of ours. */
export function shortDigestOf(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, SHORT_DIGEST_CHARACTERS);
}
