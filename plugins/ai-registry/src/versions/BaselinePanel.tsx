import { Button } from '@backstage/ui';
import {
  EmptyState,
  HistogramChart,
  Panel,
  formatNumber,
} from '@greenroom/ai-react';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import styles from './BaselinePanel.module.css';

/** Features that are drawn before one asks for more. */
const FIRST_FEATURES = 12;

/** The frozen reference profile that live traffic is compared with. */
export function BaselinePanel({ version }: { version: ModelVersionDetail }) {
  const [all, setAll] = useState(false);
  const { baseline, schema } = version;
  if (!baseline) {
    return (
      <Panel title="Baseline">
        <EmptyState
          title="No baseline"
          description="Give the next version reference rows in its description file: drift can only be measured against them."
        />
      </Panel>
    );
  }
  const shown = all
    ? baseline.features
    : baseline.features.slice(0, FIRST_FEATURES);
  const units = new Map(
    schema?.features.map(feature => [feature.name, feature.unit]),
  );
  return (
    <Panel
      title="Baseline"
      description={`Frozen from ${formatNumber(
        baseline.rows,
      )} reference rows: live traffic is compared with it.`}
    >
      <ul className={styles.charts}>
        {baseline.prediction && (
          <li>
            <HistogramChart
              title="Prediction"
              unit={schema?.prediction.unit}
              baseline={baseline.prediction.histogram}
            />
          </li>
        )}
        {shown.map(feature => (
          <li key={feature.name}>
            <HistogramChart
              title={feature.name}
              unit={units.get(feature.name)}
              baseline={feature.histogram}
            />
          </li>
        ))}
      </ul>
      {shown.length < baseline.features.length && (
        <div>
          <Button variant="secondary" onPress={() => setAll(true)}>
            {`Show all ${baseline.features.length} features`}
          </Button>
        </div>
      )}
    </Panel>
  );
}
