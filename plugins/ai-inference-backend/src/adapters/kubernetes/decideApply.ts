import type { NamedObject } from '@greenroom/cluster-client';
import { type Difference, differences } from './diff';
import { APPLIED_ANNOTATION, INSTALLATION_LABEL } from './objects';

/** What is there, as far as it matters here. */
export interface ActualObject {
  metadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    generation?: number;
    resourceVersion?: string;
    deletionTimestamp?: Date | string;
  };
}

export type ApplyDecision =
  | { act: 'nothing' }
  /** With force, fields that somebody else has taken are taken back. */
  | { act: 'apply'; force: boolean }
  /** It was changed by somebody else, and stays so. */
  | { act: 'report'; found: Difference[] }
  /** It is not ours. */
  | { act: 'refuse'; reason: string };

/**
 * Decides what happens to one object.
 *
 * @param options.settledAt - version of the object that the cluster made of the same wish: what
 *   differs there is only written in another way
 */
export function decideApply(options: {
  wanted: NamedObject;
  actual: ActualObject | undefined;
  drift: 'repair' | 'report';
  settledAt?: string;
}): ApplyDecision {
  const { wanted, actual, drift, settledAt } = options;
  if (actual === undefined) return { act: 'apply', force: false };
  const own = labelOf(wanted as ActualObject);
  const theirs = labelOf(actual);
  if (theirs !== own) {
    return {
      act: 'refuse',
      reason: `${describeObject(wanted)} ${
        theirs === undefined
          ? 'is there already, and was not made by a portal'
          : `was made by the portal '${theirs}'`
      }: remove it, or choose another namespace`,
    };
  }
  if (markOf(wanted as ActualObject) !== markOf(actual)) {
    return { act: 'apply', force: drift === 'repair' };
  }
  const { labels, annotations } = wanted.metadata as NonNullable<
    ActualObject['metadata']
  >;
  const isSettled = settledAt !== undefined && settledAt === versionOf(actual);
  // A version counts changes of what it is, and not of what it is called.
  const found = [
    ...differences({ metadata: { labels, annotations } }, actual),
    ...(isSettled ? [] : differences({ ...wanted, metadata: {} }, actual)),
  ];
  if (found.length === 0) return { act: 'nothing' };
  return drift === 'repair'
    ? { act: 'apply', force: true }
    : { act: 'report', found };
}

/** Changes when what is wanted of the object does, not when its status does. */
export function versionOf({ metadata }: ActualObject): string | undefined {
  return metadata?.generation === undefined
    ? metadata?.resourceVersion
    : `generation ${metadata.generation}`;
}

/** As people name it. */
export function describeObject({ kind, metadata }: NamedObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function labelOf({ metadata }: ActualObject): string | undefined {
  return metadata?.labels?.[INSTALLATION_LABEL];
}

function markOf({ metadata }: ActualObject): string | undefined {
  return metadata?.annotations?.[APPLIED_ANNOTATION];
}
