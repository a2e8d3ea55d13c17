import type { ApiKey } from '@greenroom/plugin-ai-inference-common';

export type KeyState = 'active' | 'expired' | 'revoked';

/** What a key is good for now. */
export function keyState(key: ApiKey, nowMillis: number): KeyState {
  if (key.revokedAt !== undefined) return 'revoked';
  if (Date.parse(key.expiresAt) <= nowMillis) {
    return 'expired';
  }
  return 'active';
}

/** How long a new key lives. */
export const LIFETIMES = [
  { value: '1', label: '1 day' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const;

export type Lifetime = (typeof LIFETIMES)[number]['value'];

/** End of a lifetime that begins now, ISO 8601. */
export function expiryOf(lifetime: Lifetime, nowMillis: number): string {
  return new Date(nowMillis + Number(lifetime) * 86_400_000).toISOString();
}
