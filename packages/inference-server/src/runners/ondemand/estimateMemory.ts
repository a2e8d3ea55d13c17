/**
 * What a session takes besides its weights: its graph, and buffers that runs leave behind. The smallest
 * were seen to take 82 KiB before their first run.
 */
export const SESSION_BYTES = 256 * 1024;
/**
 * The runtime holds weights as they are in the file, and some of them once more in the order that it
 * computes in: a file of 10.3 MiB was seen to take 12.9 MiB, and one of 2.2 MiB, with graphs inside its
 * graph, 9.7 MiB.
 */
export const BYTES_PER_FILE_BYTE = 2;

/** @param sizeBytes - of all files of a version */
export function estimateMemory(sizeBytes: number): number {
  return SESSION_BYTES + BYTES_PER_FILE_BYTE * sizeBytes;
}
