import type {
  BundleFile,
  ModelFormat,
  VersionContent,
} from '@greenroom/plugin-ai-registry-common';
import type { AiRegistryApi } from '../api/AiRegistryApi';
import type { PickedFile } from './pickFiles';

/** How far an upload is. */
export interface UploadProgress {
  /** Of all bytes, from 0 to 1. */
  share: number;
  /** The file that is being sent: 1 for the first. */
  file: number;
  files: number;
}

/**
 * Uploads the files of a version, one after the other.
 *
 * @returns what the version is made of: the only file, or a bundle
 */
export async function sendFiles(
  registry: Pick<AiRegistryApi, 'uploadFile'>,
  { files, format }: { files: PickedFile[]; format: ModelFormat },
  options: {
    onProgress: (progress: UploadProgress) => void;
    signal: AbortSignal;
  },
): Promise<VersionContent> {
  const { onProgress, signal } = options;
  const totalBytes = bytesOf(files);
  const sent: BundleFile[] = [];
  for (const [index, { path, file }] of files.entries()) {
    const sentBytes = bytesOf(files.slice(0, index));
    const tell = (share: number) =>
      onProgress({
        share: (sentBytes + share * file.size) / Math.max(1, totalBytes),
        file: index + 1,
        files: files.length,
      });
    tell(0);
    const artifact = await registry.uploadFile(file, {
      onProgress: tell,
      signal,
    });
    sent.push({ path, ...artifact });
  }
  onProgress({ share: 1, file: files.length, files: files.length });
  return sent.length === 1 && format === 'onnx'
    ? { digest: sent[0].digest }
    : { bundle: { format, files: sent } };
}

function bytesOf(files: PickedFile[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}
