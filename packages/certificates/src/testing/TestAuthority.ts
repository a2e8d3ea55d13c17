import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as unknown as Crypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MILLIS = 24 * 60 * 60_000;
let lastSerial = 0;

/** PEM of a certificate and its private key. */
export interface Issued {
  certificate: string;
  privateKey: string;
}

/** Signs certificates that live for a day. */
export class TestAuthority {
  readonly #certificate: X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  static async create(name: string): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: `CN=${name}`,
      keys: keys as CryptoKeyPair,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(certificate, keys.privateKey);
  }

  private constructor(certificate: X509Certificate, key: webcrypto.CryptoKey) {
    this.#certificate = certificate;
    this.#key = key;
  }

  /** In PEM, for those who trust it. */
  get certificate(): string {
    return this.#certificate.toString('pem');
  }

  /**
   * @param name - that it is told apart by; it is good for this machine's loopback names
   * @param otherNames - of hosts that it is good for, too
   */
  async issue(name: string, otherNames: string[] = []): Promise<Issued> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...validity(),
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey as CryptoKey,
      signingKey: this.#key as CryptoKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          ...otherNames.map(value => ({ type: 'dns' as const, value })),
        ]),
      ],
    });
    const privateKey = await webcrypto.subtle.exportKey(
      'pkcs8',
      keys.privateKey,
    );
    return {
      certificate: certificate.toString('pem'),
      privateKey: PemConverter.encode(privateKey, 'PRIVATE KEY'),
    };
  }
}

function validity() {
  lastSerial += 1;
  const now = Date.now();
  return {
    serialNumber: lastSerial.toString(16).padStart(2, '0'),
    notBefore: new Date(now - DAY_MILLIS),
    notAfter: new Date(now + DAY_MILLIS),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
