import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Select, Text } from '@backstage/ui';
import { ModelName, TrafficSplit } from '@greenroom/ai-react';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { modelRouteRef } from '../routes';
import styles from './playground.module.css';

interface TargetPickerProps {
  model: string;
  deployments: Deployment[];
  deployment: Deployment;
  version: number | undefined;
  onEnvironment(environment: string): void;
  onVersion(version: number | undefined): void;
}

const BY_SPLIT = 'split';

/** Which deployment answers, and whether the traffic split chooses the version. */
export function TargetPicker(props: TargetPickerProps) {
  const { model, deployments, deployment, version } = props;
  const toModel = useRouteRef(modelRouteRef);
  return (
    <div className={styles.target}>
      <Text as="h2" variant="title-small" weight="bold">
        <ModelName name={model} to={toModel?.({ name: model })} />
      </Text>
      <Select
        className={styles.picker}
        label="Environment"
        size="small"
        selectedKey={deployment.environment}
        onSelectionChange={key => props.onEnvironment(String(key))}
        options={deployments.map(({ environment }) => ({
          value: environment,
          label: environment,
        }))}
      />
      <Select
        className={styles.picker}
        label="Version"
        size="small"
        selectedKey={version === undefined ? BY_SPLIT : String(version)}
        onSelectionChange={key =>
          props.onVersion(key === BY_SPLIT ? undefined : Number(key))
        }
        options={[
          { value: BY_SPLIT, label: 'As the traffic is split' },
          ...deployment.variants.map(variant => ({
            value: String(variant.version),
            label: `Version ${variant.version}`,
          })),
        ]}
      />
      <div className={styles.split}>
        <TrafficSplit compact variants={deployment.variants} />
      </div>
    </div>
  );
}
