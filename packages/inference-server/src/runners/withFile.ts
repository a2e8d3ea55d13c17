import type { RandomAccessBytes } from '@greenroom/onnx-file';
import { open } from 'node:fs/promises';

/** Lets a reader read anywhere in a file. */
export async function withFile<T>(
  file: string,
  read: (source: RandomAccessBytes) => Promise<T>,
): Promise<T> {
  const handle = await open(file);
  try {
    return await read({
      sizeBytes: (await handle.stat()).size,
      async read(position, length) {
        const buffer = new Uint8Array(length);
        const { bytesRead } = await handle.read(buffer, 0, length, position);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await handle.close();
  }
}
