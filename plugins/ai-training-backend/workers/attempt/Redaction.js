// @ts-check

/** Puts asterisks in the place of a secret in a stream of bytes; nothing becomes longer or shorter. */
class Redaction {
  #secret;
  #held = Buffer.alloc(0);

  /** @param {string} secret */
  constructor(secret) {
    this.#secret = Buffer.from(secret);
  }

  /**
   * @param {Buffer} bytes
   * @returns {Buffer} what came before, without an end that may be the beginning of the secret
   */
  pass(bytes) {
    const secret = this.#secret;
    if (secret.length === 0) return bytes;
    const all = Buffer.concat([this.#held, bytes]);
    for (let at = all.indexOf(secret); at >= 0; at = all.indexOf(secret, at)) {
      all.fill('*', at, at + secret.length);
    }
    let most = Math.min(secret.length - 1, all.length);
    while (
      most > 0 &&
      !all.subarray(all.length - most).equals(secret.subarray(0, most))
    ) {
      most -= 1;
    }
    this.#held = all.subarray(all.length - most);
    return all.subarray(0, all.length - most);
  }

  /** What was held back, once nothing comes any more. */
  end() {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }
}

module.exports = { Redaction };
