import type { ArtifactStore } from '../ArtifactStore';
import { FolderArtifactStore } from '../folder/FolderArtifactStore';
import { S3ArtifactStore } from '../s3/S3ArtifactStore';
import type { ArtifactSettings } from './readArtifactSettings';

/** Opens the store of an installation; several backends may have it open at once. */
export function openArtifactStore(
  settings: ArtifactSettings,
): Promise<ArtifactStore> {
  const { store, directory, maxBytes } = settings;
  return store.type === 's3'
    ? S3ArtifactStore.create({ ...store, directory, maxBytes })
    : FolderArtifactStore.create({ directory, maxBytes });
}
