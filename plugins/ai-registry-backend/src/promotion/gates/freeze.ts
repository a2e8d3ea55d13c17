import type { EnvironmentDefinition } from '@greenroom/plugin-ai-registry-common';
import { MergeCalendar } from './MergeCalendar';
import type { PromotionGate } from './PromotionGate';

/** Nothing is merged for an environment in a freeze, or outside of its schedule. */
export const freeze: PromotionGate = {
  id: 'freeze',
  title: 'It is time to merge',
  step: { name: 'check-freeze', title: 'Look for a freeze' },
  when: 'until-merged',
  defaultMode: 'required',
  // The way back is open at any time.
  ofRollback: 'report',
  isOnDemand: true,
  configure(_config, { environment, key }) {
    const { freeze: windows, schedule } = environment ?? {};
    if (!windows && !schedule) return undefined;
    const calendar = new MergeCalendar({ freeze: windows, schedule }, key);
    return {
      async check(context) {
        const found = calendar.find(context.now());
        if (!found) {
          return { status: 'passed', summary: 'Things may be merged now.' };
        }
        const { environment: name } = context.promotion;
        return {
          status: 'waiting',
          summary: `Nothing is merged for ${name} now: ${found.reason}${
            /[.!?]$/.test(found.reason) ? '' : '.'
          } ${describeEnd(found.until, environment)}`,
          ...(found.until && { until: found.until.toISOString() }),
        };
      },
    };
  },
};

function describeEnd(
  until: Date | undefined,
  environment: EnvironmentDefinition | undefined,
): string {
  if (!until) return 'When that ends is further away than anybody plans.';
  const [{ timeZone = 'UTC' } = {}] =
    environment?.freeze ?? environment?.schedule ?? [];
  const time = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(until);
  return `It is looked at again on ${time}.`;
}
