import { createApiRef } from '@backstage/core-plugin-api';
import type {
  AiRegistryClient,
  Artifact,
  DatasetFormat,
  DatasetVersion,
} from '@greenroom/plugin-ai-registry-common';

/** What the pages ask of the registry: the typed client, and uploads that tell how far they are. */
export interface AiRegistryApi
  extends Pick<AiRegistryClient, keyof AiRegistryClient> {
  /**
   * Sends a file to the artifact store.
   *
   * @throws ResponseError when the registry refuses the file, AbortError when `signal` aborts.
   */
  uploadFile(file: Blob, options?: UploadFileOptions): Promise<Artifact>;
  /**
   * Makes the next version of a dataset of a file.
   *
   * @throws ResponseError when the registry refuses the file, AbortError when `signal` aborts.
   */
  sendDatasetFile(
    dataset: string,
    file: { content: Blob; format: DatasetFormat; description?: string },
    options?: UploadFileOptions,
  ): Promise<DatasetVersion>;
}

export interface UploadFileOptions {
  /** Called with the share of the bytes that were sent, from 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

export const aiRegistryApiRef = createApiRef<AiRegistryApi>({
  id: 'plugin.ai-registry.client',
});
