import type { ChangeRequest } from '../../environments/GitHost';
import { TerminalError } from '../TerminalError';
import type { StepContext } from './PromotionStep';

/** The change request as it stands on the Git host. */
export async function changeRequestOf(
  context: StepContext,
): Promise<ChangeRequest> {
  const { promotion, gitHost } = context;
  if (!promotion.changeRequest) {
    throw new TerminalError('The promotion has no change request yet');
  }
  return gitHost.getChangeRequest(promotion.changeRequest.number);
}
