import type { JobEvent } from '@greenroom/plugin-ai-training-common';
import { type Description, describeState } from '../jobs/describeJob';

/** Something that happened to a job, for people. */
export interface TimelineEntry {
  event: JobEvent;
  said: Description;
}

/**
 * One entry for what is the same thing going on: while an environment is made, what is being done changes each second. It
 * stands where it began, in its last words. That an attempt is being made is told at its begin alone, though backends say it
 * again while what they have prepared begins.
 */
export function timelineOf(events: readonly JobEvent[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const event of events) {
    const said = describeState(event.state);
    const last = entries.at(-1);
    if (last && isMadeOn(last.event, event)) continue;
    const isSame =
      last !== undefined &&
      last.event.state.phase === event.state.phase &&
      last.event.attempt === event.attempt &&
      last.said.title === said.title;
    if (isSame) last.said = said;
    else entries.push({ event, said });
  }
  return entries;
}

function isMadeOn(before: JobEvent, { attempt, state }: JobEvent): boolean {
  return (
    state.phase === 'starting' &&
    state.reason.kind === 'creating' &&
    before.state.phase === 'starting' &&
    before.attempt === attempt
  );
}
