// @ts-check
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { Writable } from 'node:stream';

/** Two files of this size are kept, the current one and the one before it. */
const LARGEST_FILE_BYTES = 20 * 1024 ** 2;

/**
 * A log file that cannot fill the disk: when it is full it becomes `<file>.1` and starts anew. What
 * cannot be written (a full disk) is dropped, since a program that waits for its log stands still;
 * the log says how much as soon as it can be written again.
 *
 * @param {string} file
 * @param {{ largestFileBytes?: number, onTrouble?: (error: Error) => void }} [options]
 *   `onTrouble` hears once when writing begins to fail, and once more each time after it had worked
 */
export function createRotatingLog(
  file,
  { largestFileBytes = LARGEST_FILE_BYTES, onTrouble } = {},
) {
  let descriptor = openSync(file, 'a');
  let bytes = fstatSync(descriptor).size;
  let lostBytes = 0;

  function rotate() {
    // It is already away when the new file could not be opened the last time.
    if (existsSync(file)) renameSync(file, `${file}.1`);
    const next = openSync(file, 'a');
    closeSync(descriptor);
    descriptor = next;
    bytes = 0;
  }

  /** Writes what it can, and gives what it could not with the reason. */
  function append(chunk) {
    let rest = chunk;
    try {
      if (bytes > 0 && bytes + chunk.length > largestFileBytes) rotate();
      while (rest.length > 0) {
        const written = writeSync(descriptor, rest);
        bytes += written;
        rest = rest.subarray(written);
      }
      return { lostBytes: 0 };
    } catch (error) {
      return { lostBytes: rest.length, error };
    }
  }

  /** Says in the log what is missing from it; true when nothing is left to say. */
  function tellLoss() {
    if (lostBytes === 0) return true;
    const note = `\n[${lostBytes} bytes of this log could not be written here]\n`;
    if (append(Buffer.from(note)).error) return false;
    lostBytes = 0;
    return true;
  }

  function write(chunk) {
    if (!tellLoss()) {
      lostBytes += chunk.length;
      return;
    }
    const outcome = append(chunk);
    lostBytes = outcome.lostBytes;
    if (outcome.error) onTrouble?.(outcome.error);
  }

  return new Writable({
    write(chunk, _encoding, done) {
      write(chunk);
      done();
    },
    final(done) {
      tellLoss();
      closeSync(descriptor);
      done();
    },
  });
}
