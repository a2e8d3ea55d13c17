/**
 * Keeps files under the digest of their content: the port and its adapters. The suite that an
 * adapter must pass is in `@greenroom/artifact-store/testing`.
 *
 * @packageDocumentation
 */
export type {
  ArtifactReader,
  ArtifactStore,
  ByteRange,
  LentFile,
  StoredArtifact,
} from './ArtifactStore';
export { FolderArtifactStore } from './folder/FolderArtifactStore';
export {
  S3ArtifactStore,
  type S3ArtifactStoreOptions,
} from './s3/S3ArtifactStore';
export type { S3Access } from './s3/createS3Client';
export { openArtifactStore } from './settings/openArtifactStore';
export {
  type ArtifactSettings,
  type ArtifactStorePlace,
  readArtifactSettings,
} from './settings/readArtifactSettings';
