import { constants, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const SEGMENT_BYTES = 4 * 1024 ** 2;
const MOST_SEGMENTS = 4;

interface Segment {
  fromByte: number;
  sizeBytes: number;
  file: string;
}

/** What a program has written, on disk, as far as it is kept: at least the newest 12 MiB. One may write at a time. */
export class LogSpool {
  readonly #folder: string;
  #segments: Segment[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How much was written in all. */
  get endByte(): number {
    const last = this.#segments.at(-1);
    return last ? last.fromByte + last.sizeBytes : 0;
  }

  /** Where it fails, what had room is in, and `endByte` says how much. */
  async append(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const segment = await this.#roomySegment();
      const piece = bytes.subarray(at, at + SEGMENT_BYTES - segment.sizeBytes);
      const written = await writeAt(segment, piece);
      segment.sizeBytes += written;
      at += written;
    }
  }

  /** From a byte on, or from where it is kept; of one segment at most. */
  async read(
    fromByte: number,
    mostBytes: number,
  ): Promise<{ bytes: Buffer; fromByte: number }> {
    const segment = this.#segments.find(
      one => fromByte < one.fromByte + one.sizeBytes,
    );
    if (!segment) return { bytes: Buffer.alloc(0), fromByte };
    const begin = Math.max(fromByte, segment.fromByte);
    const offset = begin - segment.fromByte;
    const length = Math.min(mostBytes, segment.sizeBytes - offset);
    const file = await open(segment.file, 'r');
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(length),
        0,
        length,
        offset,
      );
      return { bytes: buffer.subarray(0, bytesRead), fromByte: begin };
    } finally {
      await file.close();
    }
  }

  async remove(): Promise<void> {
    this.#segments = [];
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #roomySegment(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last && last.sizeBytes < SEGMENT_BYTES) return last;
    const fromByte = this.endByte;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const segment = {
      fromByte,
      sizeBytes: 0,
      file: join(this.#folder, String(fromByte)),
    };
    this.#segments.push(segment);
    if (this.#segments.length > MOST_SEGMENTS) {
      const oldest = this.#segments.shift();
      if (oldest) await rm(oldest.file, { force: true });
    }
    return segment;
  }
}

/** At its end as it is known: a full disk may have taken a part of what was written before. */
async function writeAt(segment: Segment, bytes: Buffer): Promise<number> {
  const { O_CREAT, O_WRONLY } = constants;
  const file = await open(segment.file, O_CREAT | O_WRONLY, 0o600);
  try {
    const { bytesWritten } = await file.write(
      bytes,
      0,
      bytes.length,
      segment.sizeBytes,
    );
    return bytesWritten;
  } finally {
    await file.close();
  }
}
