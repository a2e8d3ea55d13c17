import type {
  EnvironmentDefinition,
  NextVersion,
} from '@greenroom/plugin-ai-registry-common';
import { judgePath } from '../gates/path';
import type { GateFinding } from '../gates/PromotionGate';
import { judgeSoak } from '../gates/soak';
import type { Stay } from '../Stays';

/** What is offered to an environment. */
export interface Offer {
  version: number;
  /** How it fared in the environment before; undefined where it was not there. */
  stay?: Stay;
}

/**
 * The version that an environment could take next, and what stands in its way there. It says of the way alone: the
 * gates look at the version itself when somebody asks for it.
 *
 * @param options.offer - the newest version, or what the environment before runs
 * @returns undefined where there is nothing newer than what runs
 */
export function nextVersion(options: {
  environment: Pick<EnvironmentDefinition, 'promotesFrom' | 'soakSeconds'>;
  offer: Offer | undefined;
  running: number | undefined;
  asks: { path: boolean; soak: boolean };
  now: Date;
}): NextVersion | undefined {
  const { environment, offer, running = 0, asks, now } = options;
  if (!offer || offer.version <= running) return undefined;
  const { version, stay } = offer;
  const { promotesFrom: from, soakSeconds } = environment;
  if (from === undefined) return { version, eligible: true };
  const findings = [
    ...(asks.path ? [judgePath({ version, from, stay })] : []),
    ...(asks.soak && soakSeconds !== undefined
      ? [judgeSoak({ version, from, soakSeconds, stay, now })]
      : []),
  ];
  const against = findings.find(({ status }) => status !== 'passed');
  return against
    ? { version, eligible: false, ...whyNot(against) }
    : { version, eligible: true };
}

function whyNot(finding: GateFinding): { reason: string; until?: string } {
  if (!('summary' in finding)) return { reason: 'It is not known yet.' };
  return {
    reason: finding.summary,
    ...(finding.status === 'waiting' &&
      finding.until !== undefined && { until: finding.until }),
  };
}
