import type {
  AliasChange,
  Environments,
} from '@greenroom/plugin-ai-registry-common';

/** A stretch of time in which an alias pointed at one version. */
export interface AliasSpan {
  version: number;
  /** Milliseconds since 1970. */
  fromMillis: number;
  /** The end; `nowMillis` for the current one. */
  toMillis: number;
  current: boolean;
  change: AliasChange;
}

export interface AliasLane {
  alias: string;
  /** Oldest first; times in which the alias pointed nowhere are gaps. */
  spans: AliasSpan[];
}

export interface AliasTimeline {
  startMillis: number;
  endMillis: number;
  /** Environments' aliases first, what they lead to on top. */
  lanes: AliasLane[];
}

/** Turns the history of a model's aliases into lanes that can be drawn. */
export function aliasTimeline(
  history: AliasChange[],
  nowMillis: number,
  environments: Environments,
): AliasTimeline | undefined {
  if (history.length === 0) return undefined;
  // The last stop on top; names of no environment after all of them.
  const rank = (alias: string) => -environments.names.indexOf(alias);
  const lanes = new Map<string, AliasSpan[]>();
  for (const change of history) {
    const spans = lanes.get(change.alias) ?? [];
    lanes.set(change.alias, spans);
    if (change.version === undefined) continue;
    spans.push({
      version: change.version,
      fromMillis: Date.parse(change.validFrom),
      toMillis: change.validTo ? Date.parse(change.validTo) : nowMillis,
      current: change.validTo === undefined,
      change,
    });
  }
  const starts = history.map(change => Date.parse(change.validFrom));
  return {
    startMillis: Math.min(...starts),
    endMillis: nowMillis,
    lanes: [...lanes]
      .map(([alias, spans]) => ({
        alias,
        spans: spans.sort((left, right) => left.fromMillis - right.fromMillis),
      }))
      .sort(
        (left, right) =>
          rank(left.alias) - rank(right.alias) ||
          left.alias.localeCompare(right.alias),
      ),
  };
}
