import type { EnvironmentDefinition } from '@greenroom/plugin-ai-registry-common';
import { asSentence } from './asSentence';

const UNITS: [name: string, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** What of time a promotion to an environment may have to wait for, in sentences; empty for nothing. */
export function describeTimes({
  promotesFrom,
  soakSeconds,
  freeze = [],
  schedule = [],
}: Pick<
  EnvironmentDefinition,
  'promotesFrom' | 'soakSeconds' | 'freeze' | 'schedule'
>): string {
  const sentences: string[] = [];
  if (promotesFrom !== undefined && soakSeconds !== undefined) {
    sentences.push(
      `It is merged once the version has served in ${promotesFrom} for ${period(
        soakSeconds,
      )}.`,
    );
  }
  if (freeze.length > 0) {
    sentences.push(
      `There are times at which nothing is merged: ${reasonsOf(freeze)}`,
    );
  }
  if (schedule.length > 0) {
    sentences.push(`It is merged only at set times: ${reasonsOf(schedule)}`);
  }
  return sentences.join(' ');
}

function reasonsOf(windows: { reason: string }[]): string {
  const reasons = new Set(windows.map(({ reason }) => asSentence(reason)));
  return [...reasons].join(' ');
}

/** "36 hours": in the largest unit that it is a whole number of. */
function period(seconds: number): string {
  const [name, size] =
    UNITS.find(([, unit]) => seconds >= unit && seconds % unit === 0) ??
    UNITS[UNITS.length - 1];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
