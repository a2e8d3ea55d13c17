import { toError } from '@backstage/errors';
import type { DeploymentState } from '../../environments/GitHost';
import type { StepContext } from './PromotionStep';

const MOST_DESCRIPTION = 140;

/**
 * Tells the Git host how far the merged change is in its environment. Nothing waits for it.
 *
 * @returns why it could not be told, in a sentence; undefined when it was
 */
export async function tellDeployment(
  context: StepContext,
  state: DeploymentState,
  description: string,
): Promise<string | undefined> {
  const { promotion, gitHost } = context;
  if (!promotion.changeRequest) return undefined;
  const url = context.environment()?.dataPlaneAddress;
  try {
    await gitHost.reportDeployment(promotion.changeRequest.number, {
      environment: promotion.environment,
      state,
      description: shorten(description),
      ...(url !== undefined && { url }),
    });
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    return `The Git host was not told of it: ${toError(error).message}`;
  }
}

function shorten(text: string): string {
  return text.length > MOST_DESCRIPTION
    ? `${text.slice(0, MOST_DESCRIPTION - 1)}…`
    : text;
}
