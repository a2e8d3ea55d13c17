import type { Stay } from '../Stays';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** Versions go from one environment to the next, and arrive before they go on. */
export const pathGate: PromotionGate = {
  id: 'path',
  title: 'Ran in the environment before',
  step: { name: 'check-path', title: 'Look at the environment before' },
  when: 'until-merged',
  defaultMode: 'required',
  // It ran in this one before.
  ofRollback: 'off',
  isOnDemand: true,
  configure(_config, { environment }) {
    const from = environment?.promotesFrom;
    if (from === undefined) return undefined;
    return {
      async check(context) {
        const { version } = context.promotion;
        const stay = await context.stay(from);
        return judgePath({ version, from, stay });
      },
    };
  },
};

/** Whether a version has arrived in the environment before. */
export function judgePath(options: {
  version: number;
  /** The environment before. */
  from: string;
  stay: Stay | undefined;
}): GateFinding {
  const { version, from, stay } = options;
  if (!stay) {
    return {
      status: 'failed',
      summary: `Version ${version} has not run in ${from}: promote it there first, then run the gates again.`,
    };
  }
  if (stay.isUnverified) {
    return {
      status: 'failed',
      summary:
        `Version ${version} serves in ${from}, and did not pass what it is asked there. ${
          stay.note ?? ''
        }`.trim(),
    };
  }
  switch (stay.state) {
    case 'rejected':
      return {
        status: 'failed',
        summary: `Version ${version} was taken back in ${from}: ${
          stay.note ?? 'it did worse than what ran there.'
        }`,
      };
    case 'moving':
      return stay.until === undefined
        ? {
            status: 'waiting',
            summary: `Version ${version} is still on its way to ${from}.${
              stay.note ? ` ${stay.note}` : ''
            }`,
          }
        : {
            status: 'failed',
            summary: `Version ${version} never got all traffic of ${from} before something else was asked for there: promote it there again.`,
          };
    case 'not-served':
      return {
        status: 'passed',
        summary: `Version ${version} was merged for ${from}, where no data plane serves it.`,
      };
    default:
      return {
        status: 'passed',
        summary: `Version ${version} ${
          stay.until === undefined ? 'runs' : 'ran'
        } in ${from}.`,
      };
  }
}
