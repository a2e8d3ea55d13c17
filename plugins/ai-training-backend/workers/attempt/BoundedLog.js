// @ts-check
const fs = require('node:fs');
const path = require('node:path');

/** So that names sort as the numbers do. */
const NAME_DIGITS = 16;

/**
 * What a program writes, in files that are named by the byte that they begin with: the first of them and the
 * newest are kept, those between are removed.
 */
class BoundedLog {
  #folder;
  #partBytes;
  #mostNewest;
  /** @type {string[]} without the first one */
  #newest = [];
  /** @type {fs.promises.FileHandle | undefined} */
  #file;
  #position = 0;
  #inPart = 0;

  /**
   * @param {string} folder - is there, and empty
   * @param {{ partBytes: number, keptParts: number }} bounds - of each file, and how many of the newest are kept
   */
  constructor(folder, { partBytes, keptParts }) {
    this.#folder = folder;
    this.#partBytes = partBytes;
    this.#mostNewest = keptParts;
  }

  /** @param {Buffer} bytes */
  async write(bytes) {
    for (let from = 0; from < bytes.length; ) {
      const file = await this.#fileToWrite();
      const length = Math.min(
        bytes.length - from,
        this.#partBytes - this.#inPart,
      );
      const { bytesWritten } = await file.write(bytes, from, length);
      from += bytesWritten;
      this.#position += bytesWritten;
      this.#inPart += bytesWritten;
    }
  }

  async close() {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #fileToWrite() {
    if (this.#file && this.#inPart < this.#partBytes) return this.#file;
    await this.close();
    const name = String(this.#position).padStart(NAME_DIGITS, '0');
    if (this.#position > 0) this.#newest.push(name);
    // Room is made before it is needed.
    while (this.#newest.length > this.#mostNewest) {
      const oldest = String(this.#newest.shift());
      await fs.promises.rm(path.join(this.#folder, oldest), { force: true });
    }
    this.#file = await fs.promises.open(path.join(this.#folder, name), 'w');
    this.#inPart = 0;
    return this.#file;
  }
}

module.exports = { BoundedLog };
