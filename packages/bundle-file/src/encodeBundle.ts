import { BundleError, checkBundle, type Bundle } from './bundle';

/** More than any bundle takes: 10,000 files with the longest paths. */
export const MAX_ENCODED_BYTES = 16 * 1024 * 1024;

/**
 * The one way to write a bundle down (RFC 8785): the order of the files is that of the UTF-8
 * bytes of their paths, and there is no white space. Its SHA-256 is the digest of the version.
 *
 * @throws BundleError when it is no bundle
 */
export function encodeBundle(bundle: Bundle): Uint8Array {
  checkBundle(bundle);
  const encoder = new TextEncoder();
  const files = bundle.files
    .map(({ path, digest, sizeBytes }) => ({
      key: encoder.encode(path),
      // The names of the fields are in the order that RFC 8785 wants.
      file: { digest, path, sizeBytes },
    }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ file }) => file);
  return encoder.encode(JSON.stringify({ files, format: bundle.format }));
}

/**
 * Reads what {@link encodeBundle} wrote.
 *
 * @throws BundleError when the bytes are anything else, another way to write the same included
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > MAX_ENCODED_BYTES) {
    throw new BundleError(
      `The list of files is longer than ${MAX_ENCODED_BYTES} bytes`,
    );
  }
  const bundle = readBundle(bytes);
  const again = encodeBundle(bundle);
  if (compareBytes(bytes, again) !== 0) {
    throw new BundleError(
      'The list of files is not in its canonical form (RFC 8785)',
    );
  }
  return bundle;
}

function readBundle(bytes: Uint8Array): Bundle {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    value = JSON.parse(text.decode(bytes));
  } catch {
    throw new BundleError('The list of files is not JSON');
  }
  if (!isRecord(value) || typeof value.format !== 'string') {
    throw new BundleError('The list of files names no format');
  }
  const { format, files } = value;
  if (!Array.isArray(files) || !files.every(isFile)) {
    throw new BundleError(
      'The list of files has an entry without path, digest and sizeBytes',
    );
  }
  return { format, files };
}

function isFile(value: unknown): value is Bundle['files'][number] {
  return (
    isRecord(value) &&
    typeof value.path === 'string' &&
    typeof value.digest === 'string' &&
    typeof value.sizeBytes === 'number'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a[index] !== b[index]) return a[index] - b[index];
  }
  return a.length - b.length;
}
