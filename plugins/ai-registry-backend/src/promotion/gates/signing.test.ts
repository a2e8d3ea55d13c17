import { mockServices } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import {
  Environments,
  type SigningVerification,
} from '@greenroom/plugin-ai-registry-common';
import { promotionGates } from '.';
import { askGate } from './__testUtils__/askGate';
import { Gates } from './Gates';
import { checkSigningSettings, signing } from './signing';

const ask = (
  verification: SigningVerification | undefined,
  settings: JsonObject = {},
) =>
  askGate(
    signing,
    {
      signing: async () =>
        verification && {
          keyId: 'e53f',
          signedDigest: 'sha256:07b9',
          addedAt: '2026-11-30T10:00:00.000Z',
          addedBy: 'user:default/ada',
          verification,
        },
    },
    settings,
  );

const RELEASE: SigningVerification = { state: 'verified', key: 'release' };

it('passes what a configured key has signed, and says which', async () => {
  expect(await ask(RELEASE)).toMatchObject({
    status: 'passed',
    summary: expect.stringContaining('release'),
    evidence: {
      facts: expect.arrayContaining([
        { label: 'Signed by the key', value: 'release' },
        { label: 'Id of the key', value: 'e53f' },
      ]),
    },
  });
});

it('goes by the keys that count in the environment', async () => {
  expect((await ask(RELEASE, { keys: ['release'] })).status).toBe('passed');
  expect(await ask(RELEASE, { keys: ['audit', 'safety'] })).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('audit or safety'),
  });
});

it('is about versions that are signed, unless others are refused', async () => {
  expect((await ask(undefined)).status).toBe('not-asked');
  expect(await ask(undefined, { unsigned: 'refuse' })).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('model_signing'),
  });
});

it('leaves it to a reviewer where no key is configured', async () => {
  const verification = { state: 'no-keys', reason: 'none' } as const;
  expect(await ask(verification, { unsigned: 'refuse' })).toMatchObject({
    status: 'undecided',
    summary: expect.stringContaining('aiRegistry.signing.keys'),
  });
});

it.each(['unknown-signer', 'invalid'] as const)(
  'refuses: %s, with the reason',
  async state => {
    expect(await ask({ state, reason: 'it lists other files' })).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('it lists other files'),
    });
  },
);

it('refuses to start with a key that there is not', () => {
  const root = mockServices.rootConfig({
    data: {
      greenroom: {
        environments: [
          { name: 'dev' },
          { name: 'production', gates: { signing: { keys: ['relaese'] } } },
        ],
      },
    },
  });
  const environments = Environments.fromConfig(root);
  const gates = new Gates({ root, all: promotionGates, environments });
  expect(() =>
    checkSigningSettings(gates, environments, [{ name: 'release' }]),
  ).toThrow(
    "The gate signing of production names the key 'relaese', which is not in aiRegistry.signing.keys: expected release",
  );
});
