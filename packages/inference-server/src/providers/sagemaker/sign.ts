import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Secrets } from '../../secrets/Secrets';
import type { UpstreamCall } from '../../upstream/Upstream';
import type { SageMakerSettings } from './settings';

const SERVICE = 'sagemaker';
/** What a signature's clock may be off; beyond it, the service refuses. */
const TOLERATED_MILLIS = 4 * 60_000;

/** Signs calls with AWS Signature Version 4, by the service's clock. */
export class Signer {
  readonly #settings: SageMakerSettings;
  readonly #secrets: Secrets;
  /** What the service's clock is ahead of ours. */
  #offsetMillis = 0;

  constructor(options: { settings: SageMakerSettings; secrets: Secrets }) {
    this.#settings = options.settings;
    this.#secrets = options.secrets;
  }

  /** @throws SecretError when a part of the credentials is not there */
  async sign(call: UpstreamCall): Promise<UpstreamCall> {
    const { region, accessKeyId, secretAccessKey, sessionToken } =
      this.#settings;
    const signature = new SignatureV4({
      service: SERVICE,
      region,
      sha256: Sha256,
      credentials: {
        accessKeyId: await this.#secrets.getLine(accessKeyId),
        secretAccessKey: await this.#secrets.getLine(secretAccessKey),
        sessionToken:
          sessionToken && (await this.#secrets.getLine(sessionToken)),
      },
    });
    const { url, method, headers, body } = call;
    const signed = await signature.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port === '' ? undefined : Number(url.port),
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
        body,
      },
      { signingDate: new Date(Date.now() + this.#offsetMillis) },
    );
    return { ...call, headers: signed.headers };
  }

  /**
   * Goes by the service's clock from now on, where ours is too far off for a signature.
   *
   * @param date - the `Date` of an answer that refused one
   * @returns whether the next signature has another time
   */
  setClock(date: string | string[] | undefined): boolean {
    const theirsMillis = Date.parse(String(date));
    if (Number.isNaN(theirsMillis)) return false;
    const offsetMillis = theirsMillis - Date.now();
    if (Math.abs(offsetMillis - this.#offsetMillis) < TOLERATED_MILLIS) {
      return false;
    }
    this.#offsetMillis = offsetMillis;
    return true;
  }
}
