import { createApiRef } from '@backstage/core-plugin-api';
import type {
  AiRegistryClient,
  Artifact,
} from '@greenroom/plugin-ai-registry-common';

/** What the pages ask of the registry: the typed client, and an upload that tells how far it is. */
export interface AiRegistryApi
  extends Pick<AiRegistryClient, keyof AiRegistryClient> {
  /**
   * Sends a file to the artifact store.
   *
   * @throws ResponseError when the registry refuses the file, AbortError when `signal` aborts.
   */
  uploadFile(file: Blob, options?: UploadFileOptions): Promise<Artifact>;
}

export interface UploadFileOptions {
  /** Called with the share of the bytes that were sent, from 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

export const aiRegistryApiRef = createApiRef<AiRegistryApi>({
  id: 'plugin.ai-registry.client',
});
