import { aiInferencePermissions } from '@greenroom/plugin-ai-inference-common';
import { aiMonitoringPermissions } from '@greenroom/plugin-ai-monitoring-common';
import {
  aiRegistryPermissions,
  aiServiceTokenManagePermission,
  type ServiceToken,
  type ServiceTokenScope,
} from '@greenroom/plugin-ai-registry-common';
import { aiTrainingPermissions } from '@greenroom/plugin-ai-training-common';

const DAY_MILLIS = 24 * 60 * 60 * 1_000;

/** Days that a token may be valid, as choices. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
];

export function expiryAfter(days: string, nowMillis: number): string {
  return new Date(nowMillis + Number(days) * DAY_MILLIS).toISOString();
}

/** What a program can be given: all permissions of the platform but that to manage tokens. */
export const GRANTABLE_PERMISSIONS = [
  ...aiRegistryPermissions,
  ...aiInferencePermissions,
  ...aiMonitoringPermissions,
  ...aiTrainingPermissions,
]
  .map(({ name }) => name)
  .filter(name => name !== aiServiceTokenManagePermission.name)
  .sort();

/** One scope for each permission, all on the same places; no places are everything. */
export function toScopes(
  permissions: string[],
  places: string,
): ServiceTokenScope[] {
  const on = places.split(/[\s,]+/).filter(place => place !== '');
  return permissions.map(permission => ({
    permission,
    ...(on.length > 0 && { on }),
  }));
}

export type TokenState = 'active' | 'expired' | 'revoked';

export function tokenState(token: ServiceToken, nowMillis: number): TokenState {
  if (token.revokedAt !== undefined) return 'revoked';
  const { expiresAt } = token;
  return expiresAt !== undefined && Date.parse(expiresAt) <= nowMillis
    ? 'expired'
    : 'active';
}
