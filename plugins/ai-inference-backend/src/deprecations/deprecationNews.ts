import {
  daysUntil,
  type Deprecation,
} from '@greenroom/plugin-ai-registry-common';

/** Days before the sunset, and the day itself, on which the owners of keys are told of it. */
const TOLD_DAYS = [0, 1, 7, 30];

/** What the owners of keys were told last of a deprecation. */
export interface ToldDeprecation {
  since: string;
  sunsetAt?: string;
  /** Of {@link TOLD_DAYS} the least that was told; undefined while the sunset is farther away than all. */
  day?: number;
}

/** What they are to be told now, and what is remembered of it. */
export type DeprecationNews =
  | { kind: 'withdrawn'; told: undefined }
  /** It is new. */
  | { kind: 'announced'; told: ToldDeprecation }
  /** The sunset was named, moved, or taken back. */
  | { kind: 'moved'; told: ToldDeprecation }
  | { kind: 'nears'; told: ToldDeprecation };

/** Decides whether there is news. Each day counts once, those that passed while nobody looked not at all. */
export function deprecationNews(options: {
  deprecation: Deprecation | undefined;
  told: ToldDeprecation | undefined;
  now: Date;
}): DeprecationNews | undefined {
  const { deprecation, told, now } = options;
  if (!deprecation) {
    return told && { kind: 'withdrawn', told: undefined };
  }
  const { since, sunsetAt } = deprecation;
  const left = sunsetAt === undefined ? Infinity : daysUntil(sunsetAt, now);
  const day = TOLD_DAYS.find(days => left <= days);
  const next: ToldDeprecation = {
    since,
    ...(sunsetAt !== undefined && { sunsetAt }),
    ...(day !== undefined && { day }),
  };
  if (told?.since !== since) return { kind: 'announced', told: next };
  if (told.sunsetAt !== sunsetAt) return { kind: 'moved', told: next };
  return day !== undefined && day < (told.day ?? Infinity)
    ? { kind: 'nears', told: next }
    : undefined;
}
