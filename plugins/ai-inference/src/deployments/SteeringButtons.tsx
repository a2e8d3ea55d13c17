import { usePermission } from '@backstage/plugin-permission-react';
import {
  aiRolloutSteerPermission,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import { actsFor } from './steering';
import { SteerButton } from './SteerButton';
import styles from './deployments.module.css';

/** What can be done with a rollout now: pause, go on, take back, begin anew. */
export function SteeringButtons(props: {
  rollout: Rollout;
  onSteered(): void;
}) {
  const { rollout, onSteered } = props;
  const acts = actsFor(rollout);
  const allowed = usePermission({
    permission: aiRolloutSteerPermission,
    resourceRef: placeRef(rollout),
  });
  if (acts.length === 0) return null;
  return (
    <div className={styles.steering}>
      {acts.map(act => (
        <SteerButton
          key={act}
          act={act}
          rollout={rollout}
          isDisabled={!allowed.loading && !allowed.allowed}
          onSteered={onSteered}
        />
      ))}
    </div>
  );
}
