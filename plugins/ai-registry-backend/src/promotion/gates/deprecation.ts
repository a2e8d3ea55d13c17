import {
  daysUntil,
  type Deprecation,
  deprecationInForce,
  describeDeprecated,
} from '@greenroom/plugin-ai-registry-common';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** Nothing is brought to callers that they are told not to use. */
export const deprecation: PromotionGate = {
  id: 'deprecation',
  title: 'Not deprecated',
  step: {
    name: 'check-deprecation',
    title: 'Look whether it should still be used',
  },
  when: 'until-merged',
  defaultMode: 'report',
  ofRollback: 'off',
  isOnDemand: true,
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const { model, version } = context.promotion;
  const ofVersion = (await context.candidate()).deprecation;
  const ofModel = (await context.model()).deprecation;
  const inForce = deprecationInForce(ofVersion, ofModel);
  if (!inForce) {
    return {
      status: 'not-asked',
      because: 'Neither the version nor its model is deprecated.',
    };
  }
  const about = describeDeprecated(
    inForce === ofVersion ? { model, version } : { model },
  );
  return {
    status: 'failed',
    summary: `${capital(about)} is deprecated${describeSunset(
      inForce,
      context.now(),
    )}. ${describeWayOut(inForce)}`,
    evidence: { kind: 'facts', facts: factsOf(inForce) },
  };
}

function describeSunset({ sunsetAt }: Deprecation, now: Date): string {
  if (sunsetAt === undefined) return '';
  const days = daysUntil(sunsetAt, now);
  if (days === 0) return ', and its sunset has passed';
  return `, with ${days} ${days === 1 ? 'day' : 'days'} left`;
}

function describeWayOut({ replacement }: Deprecation): string {
  return replacement
    ? `Promote ${describeDeprecated(
        replacement,
      )} instead, or withdraw the deprecation.`
    : 'Promote another version, or withdraw the deprecation.';
}

function factsOf({ since, sunsetAt, message, deprecatedBy }: Deprecation) {
  return [
    { label: 'Why', value: message },
    { label: 'Deprecated', value: `${since} by ${deprecatedBy}` },
    ...(sunsetAt === undefined ? [] : [{ label: 'Sunset', value: sunsetAt }]),
  ];
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
