/** One entry of the append-only history of an alias. */
export interface AliasChange {
  alias: string;
  /** Version the alias pointed at from `validFrom`; undefined when it was taken away. */
  version?: number;
  previousVersion?: number;
  validFrom: string;
  /** Undefined while the entry is the current one. */
  validTo?: string;
  changedBy: string;
  reason: string;
  /** Set when a merged promotion moved the alias. */
  promotionId?: string;
}

/** What MLflow takes, too. */
export const ALIAS_PATTERN = /^[\w-]{1,255}$/;
