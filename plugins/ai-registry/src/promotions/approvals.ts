import type {
  EnvironmentDefinition,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';

/** What of a promotion says whether people or time are waited for. */
export type Considered = Pick<
  Promotion,
  | 'state'
  | 'kind'
  | 'automation'
  | 'gates'
  | 'reviews'
  | 'overrides'
  | 'objections'
  | 'strangers'
>;

/** Gates for which time has to pass, and that nobody has overridden. */
export function waitingGates({
  gates,
  overrides,
}: Pick<Promotion, 'gates' | 'overrides'>) {
  const overridden = new Set(
    overrides.filter(({ isInForce }) => isInForce).map(({ gate }) => gate),
  );
  return gates.filter(
    ({ id, status }) => status === 'waiting' && !overridden.has(id),
  );
}

/** Whether nobody has to do anything: all who have to approve it have, and only time has to pass. */
export function waitsForTimeOnly(
  promotion: Considered,
  environment: Pick<EnvironmentDefinition, 'requiredApprovals'>,
): boolean {
  return (
    promotion.state.phase === 'awaiting-review' &&
    waitingGates(promotion).length > 0 &&
    isApproved(promotion, environment)
  );
}

function isApproved(
  promotion: Considered,
  { requiredApprovals }: Pick<EnvironmentDefinition, 'requiredApprovals'>,
): boolean {
  const { automation, gates, reviews, objections = [] } = promotion;
  // Anybody may have an account on the Git host: only people of the catalog have a say.
  if (objections.some(({ isKnown }) => isKnown)) return false;
  const approvals = reviews.filter(
    ({ verdict, isOutdated }) => verdict === 'approved' && !isOutdated,
  );
  // What no gate can tell is decided by an approval that says why.
  const accepted = new Set(approvals.flatMap(({ accepts = [] }) => accepts));
  if (
    gates.some(({ id, status }) => status === 'undecided' && !accepted.has(id))
  )
    return false;
  if (automation === 'merge') return true;
  // Strangers may have approved it in the portal, under another name.
  const strangers = promotion.strangers?.length ?? 0;
  const onGitHost = approvals.filter(({ via }) => via === 'git-host').length;
  const inPortal = Math.max(0, approvals.length - onGitHost - strangers);
  return onGitHost + inPortal >= requiredApprovals;
}
