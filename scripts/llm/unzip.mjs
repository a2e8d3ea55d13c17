// @ts-check
import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * One file of a ZIP archive, such as a wheel. Without the extensions for archives of 4 GiB and more.
 *
 * @param {Buffer} archive
 * @param {string} name
 * @returns {Buffer}
 */
export function readZipEntry(archive, name) {
  const end = findEnd(archive);
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < entries; i++) {
    if (archive.readUInt32LE(at) !== ENTRY_SIGNATURE) break;
    const nameBytes = archive.readUInt16LE(at + 28);
    const first = at + ENTRY_BYTES;
    if (archive.toString('utf8', first, first + nameBytes) === name) {
      return readContent(archive, {
        method: archive.readUInt16LE(at + 10),
        packedBytes: archive.readUInt32LE(at + 20),
        bytes: archive.readUInt32LE(at + 24),
        local: archive.readUInt32LE(at + 42),
      });
    }
    const extraBytes = archive.readUInt16LE(at + 30);
    const commentBytes = archive.readUInt16LE(at + 32);
    at = first + nameBytes + extraBytes + commentBytes;
  }
  throw new Error(`the archive has no file ${name}`);
}

function readContent(archive, { method, packedBytes, bytes, local }) {
  if (archive.readUInt32LE(local) !== LOCAL_SIGNATURE) {
    throw new Error('the archive is damaged');
  }
  const nameBytes = archive.readUInt16LE(local + 26);
  const extraBytes = archive.readUInt16LE(local + 28);
  const from = local + LOCAL_BYTES + nameBytes + extraBytes;
  const packed = archive.subarray(from, from + packedBytes);
  if (method === STORED) return packed;
  if (method === DEFLATED) {
    return inflateRawSync(packed, { maxOutputLength: bytes });
  }
  throw new Error(`the archive is packed in a way (${method}) that is unknown`);
}

function findEnd(archive) {
  const lowest = Math.max(
    0,
    archive.length - END_BYTES - LONGEST_COMMENT_BYTES,
  );
  for (let at = archive.length - END_BYTES; at >= lowest; at--) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw new Error('this is no ZIP archive');
}
