import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  ada,
  createHarness,
  type Harness,
} from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();

describe('Promotions of versions that are signed', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  it('are blocked by a signature that nobody who is trusted made, and pass with another', async () => {
    const signing = {
      keyId: 'e53f',
      signedDigest: `sha256:${'7'.repeat(64)}` as const,
      addedAt: '2026-11-30T10:00:00.000Z',
      addedBy: 'user:default/ada',
    };
    harness.world.signing = {
      ...signing,
      verification: { state: 'unknown-signer', reason: 'the key is unknown' },
    };
    await harness.register();
    const { id } = await harness.promotions.promote(
      {
        model: 'digits',
        version: 1,
        environment: 'production',
        reason: 'It is signed.',
      },
      ada,
    );
    await harness.work();
    const blocked = await harness.promotions.get(id, ada);
    expect(blocked.state).toEqual({
      phase: 'blocked',
      failedGates: ['signing'],
    });
    expect(blocked.body).toContain('| Signed by a trusted key | FAILED |');
    harness.world.signing = {
      ...signing,
      verification: { state: 'verified', key: 'release' },
    };
    await harness.promotions.retry(id, ada);
    await harness.work();
    expect(await harness.phaseOf(id)).toBe('awaiting-review');
    const { body } = await harness.promotions.get(id, ada);
    expect(body).toContain('| Signed by the key | release |');
  });
});
