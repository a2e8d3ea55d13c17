import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { promotionRouteRef } from '../routes';

/** As the registry writes it now, and as it did when it wrote where the page is. */
const PROMOTION = /(?:\/ai-registry\/promotions\/|promotion )([\w-]{36})/;

/** A reason in which another promotion that it names can be followed. */
export function PromotionReason({ reason }: { reason: string }) {
  const promotionLink = useRouteRef(promotionRouteRef);
  const found = PROMOTION.exec(reason);
  if (!found) return <>{reason}</>;
  const [name, id] = found;
  const address = promotionLink?.({ id });
  if (!address) return <>{reason}</>;
  return (
    <>
      {reason.slice(0, found.index)}
      <Link href={address}>its promotion</Link>
      {reason.slice(found.index + name.length)}
    </>
  );
}
