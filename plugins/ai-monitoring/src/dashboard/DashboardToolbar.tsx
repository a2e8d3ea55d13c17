import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  ButtonLink,
  Select,
  Text,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { useEnvironments, ModelName } from '@greenroom/ai-react';
import { playgroundRouteRef, registryModelRouteRef } from '../routes';
import { parseRange, RangeId, RANGES } from './timeRange';
import styles from './dashboard.module.css';

interface DashboardToolbarProps {
  model: string;
  environment: string;
  version: number | undefined;
  /** Versions to choose from. */
  versions: number[];
  rangeId: RangeId;
  onEnvironment(environment: string): void;
  onVersion(version: number): void;
  onRange(rangeId: RangeId): void;
}

/** Where, which version, and how far back. */
export function DashboardToolbar(props: DashboardToolbarProps) {
  const { model, environment, version, versions, rangeId } = props;
  const toRegistry = useRouteRef(registryModelRouteRef);
  const toPlayground = useRouteRef(playgroundRouteRef);
  const environments = useEnvironments();
  return (
    <div className={styles.toolbar}>
      <div className={styles.name}>
        <Text as="h2" variant="title-small" weight="bold">
          <ModelName name={model} />
        </Text>
      </div>
      <Select
        className={styles.picker}
        label="Environment"
        size="small"
        selectedKey={environment}
        onSelectionChange={key => props.onEnvironment(String(key))}
        options={environments.all.map(({ name, title }) => ({
          value: name,
          label: title,
        }))}
      />
      <Select
        className={styles.picker}
        label="Version"
        size="small"
        placeholder="none yet"
        isDisabled={versions.length === 0}
        selectedKey={version === undefined ? null : String(version)}
        onSelectionChange={key => props.onVersion(Number(key))}
        options={versions.map(item => ({
          value: String(item),
          label: `Version ${item}`,
        }))}
      />
      <ToggleButtonGroup
        aria-label="Time range"
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[rangeId]}
        onSelectionChange={keys =>
          props.onRange(parseRange(String([...keys][0])))
        }
      >
        {RANGES.map(({ id, label }) => (
          <ToggleButton key={id} id={id} size="small">
            {label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={styles.links}>
        {toRegistry && (
          <ButtonLink
            size="small"
            variant="secondary"
            href={toRegistry({ name: model })}
          >
            Versions
          </ButtonLink>
        )}
        {toPlayground && (
          <ButtonLink
            size="small"
            variant="secondary"
            href={`${toPlayground({ model })}?environment=${environment}`}
          >
            Try it
          </ButtonLink>
        )}
      </div>
    </div>
  );
}
