import { createHash } from 'node:crypto';
import { createSecret, parseNewApiKey } from './apiKey';

const NOW = new Date('2026-05-03T12:00:00Z');
const LIMITS = { now: NOW, maxLifetimeMillis: 365 * 24 * 3_600_000 };

describe('createSecret', () => {
  it('writes 32 bytes as 43 letters and digits, and hashes the whole', () => {
    const { secret, sha256, prefix } = createSecret();
    expect(secret).toMatch(/^gr_[0-9A-Za-z]{43}$/);
    expect(sha256).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(prefix).toBe(secret.slice(0, 9));
  });

  it('loses no bit: different bytes make different secrets', () => {
    expect(createSecret(Buffer.alloc(32)).secret).toBe(`gr_${'0'.repeat(43)}`);
    expect(createSecret(Buffer.alloc(32, 255)).secret).not.toContain('gr_0000');
    const one = Buffer.alloc(32);
    one[31] = 1;
    expect(createSecret(one).secret).toBe(`gr_${'0'.repeat(42)}1`);
    expect(createSecret().secret).not.toBe(createSecret().secret);
  });
});

describe('parseNewApiKey', () => {
  it('trims, sorts and normalises', () => {
    expect(
      parseNewApiKey(
        {
          name: ' checkout ',
          models: ['digits', 'diabetes', 'digits'],
          expiresAt: '2027-01-01T01:00:00+01:00',
        },
        LIMITS,
      ),
    ).toEqual({
      name: 'checkout',
      models: ['diabetes', 'digits'],
      expiresAt: '2027-01-01T00:00:00.000Z',
      scopes: [],
    });
    expect(
      parseNewApiKey({ name: 'all', models: ['digits', '*'] }, LIMITS).models,
    ).toEqual(['*']);
  });

  it('gives a key the longest life when none is asked for, and never a longer one', () => {
    const key = { name: 'a', models: ['digits'] };
    const latest = '2027-05-03T12:00:00.000Z';
    expect(parseNewApiKey(key, LIMITS).expiresAt).toBe(latest);
    const clockAhead = { ...key, expiresAt: '2027-05-03T12:00:30Z' };
    expect(parseNewApiKey(clockAhead, LIMITS).expiresAt).toBe(latest);
  });

  it.each([
    [{ name: '  ', models: ['*'] }, 'name must have'],
    [{ name: 'x'.repeat(101), models: ['*'] }, 'name must have'],
    [{ name: 'a', models: [] }, 'models must name'],
    [{ name: 'a', models: ['Digits!'] }, "models has 'Digits!'"],
    [{ name: 'a', models: ['*'], expiresAt: 'soon' }, "expiresAt is 'soon'"],
    [
      { name: 'a', models: ['*'], expiresAt: '2027-02-30T00:00:00Z' },
      'which is no time',
    ],
    [
      { name: 'a', models: ['*'], expiresAt: '2026-05-03T11:59:59Z' },
      'which is over already',
    ],
    [
      { name: 'a', models: ['*'], expiresAt: '2027-05-04T12:00:00Z' },
      'a key lives at most 365 days (aiInference.keys.maxLifetimeDays)',
    ],
  ])('refuses %j', (key, message) => {
    expect(() => parseNewApiKey(key, LIMITS)).toThrow(message);
  });
});
