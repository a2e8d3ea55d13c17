import { mockServices } from '@backstage/backend-test-utils';
import type { BundleFile, Digest } from '@greenroom/plugin-ai-registry-common';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { newSigner, signFiles } from './__testUtils__/signFiles';
import { compareFiles } from './compareFiles';
import { readModelSignature } from './readModelSignature';
import { readSigningKeys } from './readSigningKeys';
import { verifySignature } from './verifySignature';

const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const signer = newSigner();
const FILES = [
  { name: 'model.onnx', digest: digestOf('a') },
  { name: 'weights/0.bin', digest: digestOf('b') },
];
const BUNDLE: BundleFile[] = FILES.map(({ name, digest }) => ({
  path: name,
  digest,
  sizeBytes: 1,
}));

const signed = (change?: Parameters<typeof signFiles>[0]['change']) =>
  signFiles({ files: FILES, signer, change });

describe('reading', () => {
  it('gives the files, and the digest over all of them', () => {
    expect(readModelSignature(signed())).toMatchObject({
      keyId: signer.key.id,
      files: FILES,
      signedDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  const refusals: [string, Parameters<typeof signed>[0], string][] = [
    [
      'another predicate',
      it => {
        it.predicateType = 'https://slsa.dev/provenance/v1';
      },
      "predicateType is 'https://slsa.dev/provenance/v1': expected 'https://model_signing/signature/v1.0'",
    ],
    [
      'another kind of statement',
      it => {
        it._type = 'https://in-toto.io/Statement/v0.1';
      },
      "the statement's _type is",
    ],
    [
      'digests of parts of files',
      it => {
        it.predicate.serialization.method = 'shards';
      },
      "predicate.serialization.method is 'shards': expected 'files'",
    ],
    [
      'another hash',
      it => {
        it.predicate.serialization.hash_type = 'blake2b';
      },
      "predicate.serialization.hash_type is 'blake2b'",
    ],
    [
      'another hash of one file',
      it => {
        it.predicate.resources[1].algorithm = 'blake2b';
      },
      "algorithm of 'weights/0.bin' is 'blake2b'",
    ],
    [
      'a digest of other files',
      it => {
        it.predicate.resources.reverse();
      },
      'but its list of files makes',
    ],
    [
      'a file twice',
      it => {
        it.predicate.resources.push(it.predicate.resources[0]);
      },
      "lists 'model.onnx' twice",
    ],
    [
      'several models',
      it => {
        it.subject.push(it.subject[0]);
      },
      'the statement has 2 subjects',
    ],
    [
      'a digest that is none',
      it => {
        it.predicate.resources[0].digest = 'ff';
      },
      'the statement: predicate.resources.0.digest: expected 64 hexadecimal digits',
    ],
  ];
  it.each(refusals)('refuses %s', (_what, change, message) => {
    expect(() => readModelSignature(signed(change))).toThrow(message);
  });

  it.each([
    [{ mediaType: 'application/json' }, "mediaType is 'application/json'"],
    [
      { verificationMaterial: { x509CertificateChain: {} } },
      'made with a certificate',
    ],
    [{ verificationMaterial: { certificate: {} } }, 'not supported'],
    [{ verificationMaterial: {} }, 'verificationMaterial.publicKey is missing'],
    [{ dsseEnvelope: undefined }, 'the signature: dsseEnvelope'],
  ])('refuses a bundle with %j', (changes, message) => {
    expect(() => readModelSignature({ ...signed(), ...changes })).toThrow(
      message,
    );
  });

  it.each([
    [{ payload: 'e30' }, 'dsseEnvelope.payload: expected base64'],
    [{ payload: 'bm8=' }, 'dsseEnvelope.payload: expected JSON in base64'],
    [{ payloadType: 'text/plain' }, "dsseEnvelope.payloadType is 'text/plain'"],
    [{ signatures: [] }, 'dsseEnvelope has 0 signatures'],
  ])('refuses an envelope with %j', (changes, message) => {
    const bundle = signed();
    expect(() =>
      readModelSignature({
        ...bundle,
        dsseEnvelope: { ...bundle.dsseEnvelope, ...changes },
      }),
    ).toThrow(message);
  });
});

describe('the list of files', () => {
  const compare = (files: BundleFile[], digest = digestOf('f')) =>
    compareFiles(readModelSignature(signed()), { digest, files });

  it('has to be exactly that of a bundle', () => {
    expect(() => compare(BUNDLE)).not.toThrow();
    expect(() => compare([BUNDLE[0]])).toThrow(
      "signed, but not in the version: 'weights/0.bin'",
    );
    expect(() =>
      compare([...BUNDLE, { ...BUNDLE[0], path: 'run.py' }]),
    ).toThrow("not signed: 'run.py'");
    expect(() =>
      compare([{ ...BUNDLE[0], digest: digestOf('c') }, BUNDLE[1]]),
    ).toThrow("signed with another content: 'model.onnx'");
  });

  it('binds names: files that were swapped are others', () => {
    expect(() =>
      compare([
        { ...BUNDLE[0], digest: BUNDLE[1].digest },
        { ...BUNDLE[1], digest: BUNDLE[0].digest },
      ]),
    ).toThrow("signed with another content: 'model.onnx', 'weights/0.bin'");
  });

  it('has one file for a version that is one, whatever it was called', () => {
    const one = readModelSignature(
      signFiles({ files: [{ name: '.', digest: digestOf('a') }], signer }),
    );
    expect(() =>
      compareFiles(one, { digest: digestOf('a'), files: [] }),
    ).not.toThrow();
    expect(() =>
      compareFiles(one, { digest: digestOf('b'), files: [] }),
    ).toThrow('it is of another file');
    expect(() => compare([], digestOf('a'))).toThrow('it lists 2 files');
  });

  it('means the same path, however its letters are composed', () => {
    const files = [{ name: 'Zu\u0308rich.onnx', digest: digestOf('a') }];
    expect(() =>
      compareFiles(readModelSignature(signFiles({ files, signer })), {
        digest: digestOf('f'),
        files: [
          { path: 'Z\u00fcrich.onnx', digest: digestOf('a'), sizeBytes: 1 },
        ],
      }),
    ).not.toThrow();
  });
});

describe('the signer', () => {
  const other = newSigner('other');

  it('is a configured key, never one that the signature names', () => {
    const signature = readModelSignature(signed());
    expect(verifySignature(signature, [other.key, signer.key])).toEqual({
      state: 'verified',
      key: 'release',
    });
    expect(verifySignature(signature, [other.key])).toMatchObject({
      state: 'unknown-signer',
      reason: expect.stringContaining(signer.key.id),
    });
    expect(verifySignature(signature, []).state).toBe('no-keys');
  });

  it('is found where the signature claims no key, as tools before 1.1 wrote it', () => {
    const bundle = signed();
    const signature = readModelSignature({
      ...bundle,
      // The key that came along then is not looked at.
      verificationMaterial: { publicKey: { rawBytes: 'b3RoZXI=' } },
    });
    expect(verifySignature(signature, [other.key, signer.key])).toMatchObject({
      key: 'release',
    });
    expect(verifySignature(signature, [other.key]).state).toBe(
      'unknown-signer',
    );
  });

  it('is not who claims to be it', () => {
    const forged = signFiles({
      files: FILES,
      signer: { privateKey: other.privateKey, key: signer.key },
    });
    expect(
      verifySignature(readModelSignature(forged), [signer.key, other.key]),
    ).toMatchObject({ state: 'invalid' });
  });

  it('has signed every byte of the statement', () => {
    const bundle = signed();
    const { payload } = signed(it => {
      it.subject[0].name = 'another';
    }).dsseEnvelope;
    const changed = readModelSignature({
      ...bundle,
      dsseEnvelope: { ...bundle.dsseEnvelope, payload },
    });
    expect(verifySignature(changed, [signer.key]).state).toBe('invalid');
  });
});

describe('the configured keys', () => {
  const read = (...keys: object[]) =>
    readSigningKeys(
      mockServices.rootConfig({
        data: { aiRegistry: { signing: { keys: keys as [] } } },
      }),
    );
  const pemOf = ({ publicKey }: { publicKey: KeyObject }) =>
    publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it('are called as signatures call them', () => {
    expect(read({ name: 'release', publicKey: signer.pem })).toMatchObject([
      { name: 'release', hash: 'sha256', id: signer.key.id },
    ]);
    expect(readSigningKeys(mockServices.rootConfig())).toEqual([]);
  });

  it.each([
    [{ name: 'A b', publicKey: signer.pem }, "keys[0].name is 'A b'"],
    [{ name: 'a' }, 'keys[0] has neither publicKey and publicKeyFile'],
    [{ name: 'a', publicKey: 'x' }, 'keys[0].publicKey: expected a public key'],
    [
      { name: 'a', publicKeyFile: '/none/key.pub' },
      'keys[0].publicKeyFile: cannot be read',
    ],
    [
      { name: 'a', publicKey: pemOf(generateKeyPairSync('ed25519')) },
      'keys[0].publicKey is a key of ed25519: expected one of the curves',
    ],
    [
      {
        name: 'a',
        publicKey: pemOf(
          generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
        ),
      },
      'is a key of secp256k1',
    ],
    [
      {
        name: 'a',
        publicKey: signer.privateKey
          .export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      },
      'keys[0].publicKey is a private key',
    ],
  ])('are refused: %#', (key, message) => {
    expect(() => read(key)).toThrow(message);
  });

  it('have names of their own', () => {
    const key = { name: 'a', publicKey: signer.pem };
    expect(() => read(key, key)).toThrow("two with the name 'a'");
  });
});
