/** One thing that a program's token may do, and on what. */
export interface ServiceTokenScope {
  /** Name of a permission, e.g. `ai-registry.model.promote`. */
  permission: string;
  /** Patterns `<environment>/<model>` with `*`; undefined for everything that the permission is about. */
  on?: string[];
}

/** A token of a program; the token itself is shown once, when it is issued. */
export interface ServiceToken {
  name: string;
  /** Entity ref of the group or user that answers for it. */
  owner: string;
  scopes: ServiceTokenScope[];
  /** `configuration`: declared there, and changed there alone. */
  source: 'configuration' | 'portal';
  /** From when on it is refused, ISO 8601; undefined for never, which only the configuration can say. */
  expiresAt?: string;
  /** First characters of the token; undefined where the configuration has it. */
  prefix?: string;
  /** ISO 8601; this and what follows only for tokens that were issued in the portal. */
  createdAt?: string;
  /** Entity ref of who issued it. */
  createdBy?: string;
  /** ISO 8601, to the minute. */
  lastUsedAt?: string;
  revokedAt?: string;
}

export interface NewServiceToken {
  name: string;
  owner: string;
  scopes: ServiceTokenScope[];
  /** ISO 8601. */
  expiresAt: string;
}

/** What only its issuer sees, once. */
export interface IssuedServiceToken extends ServiceToken {
  token: string;
}
