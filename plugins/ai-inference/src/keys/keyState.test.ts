import { makeKey } from '../__testUtils__/fixtures';
import { expiryOf, keyState } from './keyState';

const now = Date.parse('2026-05-03T10:00:00Z');

describe('keyState', () => {
  it('is revoked before it is expired, and expired from its last moment on', () => {
    const expired = { expiresAt: '2026-05-03T10:00:00Z' };
    expect(keyState(makeKey(), now)).toBe('active');
    expect(keyState(makeKey(expired), now)).toBe('expired');
    expect(keyState(makeKey(expired), now - 1)).toBe('active');
    expect(
      keyState(makeKey({ ...expired, revokedAt: '2026-05-01T00:00:00Z' }), now),
    ).toBe('revoked');
  });
});

describe('expiryOf', () => {
  it('counts days from now', () => {
    expect(expiryOf('30', now)).toBe('2026-06-02T10:00:00.000Z');
  });
});
