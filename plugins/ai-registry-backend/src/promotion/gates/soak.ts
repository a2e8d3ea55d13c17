import type { Stay } from '../Stays';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** A version serves for a while in the environment before. */
export const soak: PromotionGate = {
  id: 'soak',
  title: 'Served long enough in the environment before',
  step: { name: 'check-soak', title: 'Look how long it has served' },
  when: 'until-merged',
  defaultMode: 'required',
  ofRollback: 'off',
  isOnDemand: true,
  configure(_config, { environment }) {
    const { promotesFrom, soakSeconds } = environment ?? {};
    if (promotesFrom === undefined || soakSeconds === undefined) {
      return undefined;
    }
    return {
      async check(context) {
        return judgeSoak({
          version: context.promotion.version,
          from: promotesFrom,
          soakSeconds,
          stay: await context.stay(promotesFrom),
          now: context.now(),
        });
      },
    };
  },
};

/** How long it has served counts from when it had all traffic. */
export function judgeSoak(options: {
  version: number;
  /** The environment before. */
  from: string;
  soakSeconds: number;
  stay: Stay | undefined;
  now: Date;
}): GateFinding {
  const { version, from, soakSeconds, stay, now } = options;
  const needed = describeSeconds(soakSeconds);
  if (!stay?.servedFrom) {
    const isOnItsWay = stay?.state === 'moving' && stay.until === undefined;
    return {
      status: isOnItsWay ? 'waiting' : 'failed',
      summary: isOnItsWay
        ? `Version ${version} is to serve in ${from} for ${needed}, and is still on its way there.`
        : `Version ${version} is to serve in ${from} for ${needed}, and has not served there: promote it there first, then run the gates again.`,
    };
  }
  const begun = Date.parse(stay.servedFrom);
  const ended =
    stay.until === undefined ? now.getTime() : Date.parse(stay.until);
  const servedSeconds = Math.max(0, (ended - begun) / 1_000);
  const served = describeSeconds(servedSeconds);
  const evidence = {
    kind: 'facts' as const,
    facts: [
      { label: `All traffic of ${from} since`, value: stay.servedFrom },
      ...(stay.until === undefined
        ? []
        : [{ label: 'Replaced there', value: stay.until }]),
      { label: 'Needed', value: needed },
    ],
  };
  if (servedSeconds >= soakSeconds) {
    return {
      status: 'passed',
      summary: `Version ${version} has served in ${from} for ${needed} or longer.`,
      evidence,
    };
  }
  if (stay.until !== undefined) {
    return {
      status: 'failed',
      summary: `Version ${version} served in ${from} for ${served} of ${needed} before something else was asked for there: promote it there again, then run the gates again.`,
      evidence,
    };
  }
  return {
    status: 'waiting',
    summary: `Version ${version} is to serve in ${from} for ${needed} before it goes on.`,
    until: new Date(begun + soakSeconds * 1_000).toISOString(),
    evidence,
  };
}

/** "2 days 4 hours", of the two largest units. */
export function describeSeconds(seconds: number): string {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ];
  let left = Math.floor(seconds);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.slice(0, 2).join(' ') || 'no time';
}
