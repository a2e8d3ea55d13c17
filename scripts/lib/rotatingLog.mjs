import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Two files of this size are kept, the current one and the one before it. */
const LARGEST_FILE_BYTES = 20 * 1024 ** 2;

/** A log file that cannot fill the disk: when it is full it becomes `<file>.1` and starts anew. */
export function createRotatingLog(
  file,
  { largestFileBytes = LARGEST_FILE_BYTES } = {},
) {
  let descriptor = openSync(file, 'a');
  let bytes = fstatSync(descriptor).size;
  return new Writable({
    write(chunk, _encoding, done) {
      try {
        if (bytes > 0 && bytes + chunk.length > largestFileBytes) {
          closeSync(descriptor);
          renameSync(file, `${file}.1`);
          descriptor = openSync(file, 'a');
          bytes = 0;
        }
        bytes += writeSync(descriptor, chunk);
        done();
      } catch (error) {
        done(error);
      }
    },
    final(done) {
      closeSync(descriptor);
      done();
    },
  });
}
