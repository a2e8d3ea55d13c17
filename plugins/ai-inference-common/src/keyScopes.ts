/**
 * What a key may do besides calling models as their routes say: `versions`, have a version answer that
 * it names; `load`, load and unload models that a data plane holds on demand; `train`, start training jobs of
 * templates that its owner owns, and end them.
 */
export const KEY_SCOPES = ['versions', 'load', 'train'] as const;

export type KeyScope = (typeof KEY_SCOPES)[number];

/** What keys may do that were issued before there were scopes. */
export const EARLIER_KEY_SCOPES: readonly KeyScope[] = ['versions'];
