import { absoluteUrl } from '../../absoluteUrl';
import type { ChangeFacts } from '../describeChange';
import type { StepContext } from './PromotionStep';

/** What a reviewer wants to know of the versions, and of who is concerned. */
export async function changeFactsOf(
  context: StepContext,
): Promise<ChangeFacts> {
  const running = await context.running();
  const { model, version } = context.promotion;
  return {
    candidate: await context.candidate(),
    running: running && (await context.version(running.version)),
    consumers: await context.consumers(),
    versionUrl: absoluteUrl(
      context.pages.version(model, version),
      context.settings.portalUrl,
    ),
  };
}
