import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** S3 takes no more parts of one object. */
const MAX_PARTS = 10_000;
/** Parts on their way at the same time; as many lie in memory. */
const CONCURRENCY = 2;
const GIVE_UP_ATTEMPTS = 5;
const GIVE_UP_PAUSE_MILLIS = 200;

export interface SendFileOptions {
  client: S3Client;
  object: { Bucket: string; Key: string };
  /** Of the file to send, which must not change meanwhile. */
  path: string;
  sizeBytes: number;
  /** Size of a part; a file of at most this size is sent at once. */
  partBytes: number;
  signal?: AbortSignal;
}

/**
 * Sends a file as an object, in parts when it is large. What fails or is cancelled leaves no
 * parts: they are given up after the last request for them has ended.
 */
export async function sendFile(options: SendFileOptions): Promise<void> {
  const { client, object, path, sizeBytes, signal } = options;
  const partBytes = Math.max(
    options.partBytes,
    Math.ceil(sizeBytes / MAX_PARTS),
  );
  signal?.throwIfAborted();
  const file = await open(path);
  try {
    if (sizeBytes > partBytes) {
      await sendParts(file, { ...options, partBytes });
      return;
    }
    await client.send(
      new PutObjectCommand({
        ...object,
        Body: await readPart(file, 0, sizeBytes),
        ContentType: 'application/octet-stream',
      }),
      { abortSignal: signal },
    );
  } finally {
    await file.close();
  }
}

async function sendParts(
  file: FileHandle,
  options: SendFileOptions,
): Promise<void> {
  const { client, object, sizeBytes, partBytes } = options;
  // Not cancelled on its way: without its answer, nobody could give the upload up.
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...object,
      ContentType: 'application/octet-stream',
    }),
  );
  const stop = new AbortController();
  const abortSignal = options.signal
    ? AbortSignal.any([options.signal, stop.signal])
    : stop.signal;
  const parts: CompletedPart[] = new Array(Math.ceil(sizeBytes / partBytes));
  let next = 0;
  const work = async () => {
    while (next < parts.length) {
      abortSignal.throwIfAborted();
      const index = next;
      next += 1;
      const start = index * partBytes;
      const length = Math.min(partBytes, sizeBytes - start);
      const PartNumber = index + 1;
      const { ETag } = await client.send(
        new UploadPartCommand({
          ...object,
          UploadId,
          PartNumber,
          Body: await readPart(file, start, length),
        }),
        { abortSignal },
      );
      parts[index] = { PartNumber, ETag };
    }
  };
  try {
    await allOrStop(CONCURRENCY, work, stop);
    await client.send(
      new CompleteMultipartUploadCommand({
        ...object,
        UploadId,
        MultipartUpload: { Parts: parts },
      }),
    );
  } catch (error) {
    // What cannot be given up now is removed as a leftover, a day later.
    await giveUp(client, { ...object, UploadId }).catch(() => undefined);
    throw error;
  }
}

/**
 * Gives an upload up until nothing is left of it. The server may still be storing a part whose
 * request was cancelled, and keeps it then: S3's documentation says to look, and to try again.
 * Some servers have the upload once more then, after it was gone: only what is gone twice is.
 */
async function giveUp(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
): Promise<void> {
  let wasGone = false;
  for (let attempt = 1; attempt <= GIVE_UP_ATTEMPTS; attempt++) {
    try {
      await client.send(new AbortMultipartUploadCommand(upload));
      await client.send(new ListPartsCommand(upload));
      wasGone = false;
    } catch (error) {
      if (!(error instanceof NoSuchUpload)) throw error;
      if (wasGone) return;
      wasGone = true;
    }
    await setTimeout(attempt * GIVE_UP_PAUSE_MILLIS);
  }
}

/** Waits for all workers, also after one has failed; its error is thrown. */
async function allOrStop(
  count: number,
  work: () => Promise<void>,
  stop: AbortController,
): Promise<void> {
  const errors: unknown[] = [];
  const workers = Array.from({ length: count }, () =>
    work().catch(error => {
      errors.push(error);
      stop.abort();
    }),
  );
  await Promise.all(workers);
  if (errors.length > 0) throw errors[0];
}

async function readPart(
  file: FileHandle,
  start: number,
  length: number,
): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(
      part,
      read,
      length - read,
      start + read,
    );
    if (bytesRead === 0) throw new Error('The file to send was cut off');
    read += bytesRead;
  }
  return part;
}
