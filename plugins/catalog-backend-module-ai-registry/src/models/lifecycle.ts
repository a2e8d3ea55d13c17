/** The catalog's words for how far something is. */
export type Lifecycle = 'production' | 'experimental' | 'deprecated';

/** Of a model in an environment: callers may depend on it where the others lead to. */
export function lifecycleIn(options: { isLast: boolean }): Lifecycle {
  return options.isLast ? 'production' : 'experimental';
}
