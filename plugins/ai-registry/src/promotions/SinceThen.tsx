import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { describeSuccessor } from './serving';
import { useServing } from './useServing';

/** Says so when a promoted version is not what is wanted any more. */
export function SinceThen({ promotion }: { promotion: Promotion }) {
  const deployments = useServing(promotion.model);
  const successor = deployments && describeSuccessor(promotion, deployments);
  return successor ? <strong>{successor}</strong> : null;
}
