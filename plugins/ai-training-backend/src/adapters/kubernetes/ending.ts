import type { AttemptEnd } from '@greenroom/plugin-ai-training-common';
import type { V1Job } from '@kubernetes/client-node';

/** On a Job that is being ended by us: why, and until when it may take its time. */
export const ENDING_ANNOTATION = 'greenroom.dev/ending';

/** Deadline of a Job that is not to run any more, whoever lets it: the least that a cluster takes. */
export const EXPIRED_SECONDS = 1;

/** Why an attempt is ended. */
export type EndingReason =
  | { why: 'stop' }
  /** The cluster takes a pod's place away: a program that saves what it has, and ends well, has not come to its end. */
  | { why: 'disruption'; end: AttemptEnd }
  | { why: 'image'; message: string }
  /** Whoever made its pods has made them less confined than they are to be. */
  | { why: 'unsafe'; message: string };

export type Ending = EndingReason & {
  /** When its programs are ended at once, ISO 8601. */
  until: string;
};

/** Undefined where it is not being ended. */
export function endingOf({ metadata }: V1Job): Ending | undefined {
  const text = metadata?.annotations?.[ENDING_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Ending;
  } catch {
    // Somebody else has written it: that it is to end is all that is known.
    return { why: 'stop', until: new Date(0).toISOString() };
  }
}
