import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import type { CommandContext } from '../Command';
import { EXIT_CODES } from '../CommandError';
import { annotation, isWorkflow } from '../github/workflow';
import { isPassing, type Portal } from '../portal/Portal';
import { judgePromotion, type PromotionVerdict } from './judgePromotion';
import { pageOf } from './pageOf';
import type { Until } from './untilOf';

export const DEFAULT_POLL_MILLIS = 2_000;

/** Waits for a promotion and says how it is. @returns the exit code */
export async function followPromotion(options: {
  id: string;
  until: Until;
  timeoutMillis: number;
  portal: Portal;
  isJson: boolean;
  context: CommandContext;
}): Promise<number> {
  const { id, until, timeoutMillis, portal, isJson, context } = options;
  const say = isJson ? context.complain : context.print;
  const startedMillis = Date.now();
  let promotion: PromotionDetail | undefined;
  let verdict: PromotionVerdict = { state: 'waiting', note: '' };
  for (;;) {
    const before = verdict.note;
    try {
      promotion = await portal.registry.getPromotion(id);
      verdict = judgePromotion(promotion, until);
    } catch (error) {
      if (!isPassing(error)) throw error;
      verdict = { state: 'waiting', note: (error as Error).message };
    }
    if (verdict.note !== before) say(verdict.note);
    const pauseMillis = context.pollMillis ?? DEFAULT_POLL_MILLIS;
    const leftMillis = startedMillis + timeoutMillis - Date.now();
    if (verdict.state !== 'waiting' || pauseMillis > leftMillis) break;
    await new Promise(resolve => setTimeout(resolve, pauseMillis));
  }
  report({ promotion, verdict, url: portal.url, isJson, context });
  switch (verdict.state) {
    case 'done':
      return 0;
    case 'failed':
      return EXIT_CODES.failed;
    default:
      return EXIT_CODES.timedOut;
  }
}

const MARKS: Record<string, string> = {
  passed: '✓',
  failed: '✗',
  undecided: '?',
  warned: '!',
  skipped: '-',
};

function report(options: {
  promotion: PromotionDetail | undefined;
  verdict: PromotionVerdict;
  url: string;
  isJson: boolean;
  context: CommandContext;
}): void {
  const { promotion, verdict, url, isJson, context } = options;
  const page = promotion && pageOf(promotion, url);
  if (isJson) {
    context.print(
      JSON.stringify({
        promotion: promotion?.id,
        phase: promotion?.state.phase,
        outcome: verdict.state === 'waiting' ? 'timed-out' : verdict.state,
        note: verdict.note,
        gates: promotion?.gates.map(({ id, status, summary }) => ({
          id,
          status,
          summary,
        })),
        url: page,
      }),
    );
  } else {
    for (const { title, status, summary } of promotion?.gates ?? []) {
      context.print(`  ${MARKS[status] ?? '…'} ${title}: ${summary || status}`);
    }
    if (page) context.print(page);
  }
  if (verdict.state !== 'done' && isWorkflow(context.environment)) {
    const say = isJson ? context.complain : context.print;
    say(annotation('error', { message: verdict.note }));
  }
}
