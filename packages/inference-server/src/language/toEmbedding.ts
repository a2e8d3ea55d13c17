import { endianness } from 'node:os';
import type { Embedding } from 'openai/resources/embeddings';

/**
 * One vector in the form that was asked for: numbers, or the base64 of little-endian 32-bit
 * floats, which the official clients ask for by themselves.
 */
export function toEmbedding(
  values: readonly number[] | Float32Array,
  index: number,
  format: 'float' | 'base64' | undefined,
): Embedding {
  const embedding =
    format === 'base64'
      ? // The API's types know the numbers only.
        (base64Of(values) as unknown as number[])
      : [...values];
  return { object: 'embedding', index, embedding };
}

function base64Of(values: readonly number[] | Float32Array): string {
  const floats = Float32Array.from(values);
  const bytes = Buffer.from(floats.buffer);
  if (endianness() === 'BE') bytes.swap32();
  return bytes.toString('base64');
}
