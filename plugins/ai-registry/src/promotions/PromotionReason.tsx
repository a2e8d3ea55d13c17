import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { promotionRouteRef } from '../routes';

const PROMOTION_PATH = /\/ai-registry\/promotions\/([\w-]+)/;

/** A reason in which the address of another promotion can be followed. */
export function PromotionReason({ reason }: { reason: string }) {
  const promotionLink = useRouteRef(promotionRouteRef);
  const found = PROMOTION_PATH.exec(reason);
  if (!found) return <>{reason}</>;
  const [address, id] = found;
  return (
    <>
      {reason.slice(0, found.index)}
      <Link href={promotionLink?.({ id }) ?? address}>its promotion</Link>
      {reason.slice(found.index + address.length)}
    </>
  );
}
