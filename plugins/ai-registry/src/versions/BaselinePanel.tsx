import { Button } from '@backstage/ui';
import { EmptyState, Panel, formatNumber } from '@greenroom/ai-react';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { BaselineChart } from './BaselineChart';
import { BaselineImage } from './BaselineImage';
import styles from './BaselinePanel.module.css';

/** Features that are drawn before one asks for more; a pixel alone says little. */
const FIRST_FEATURES = 12;
const FIRST_PIXELS = 0;

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
  const first = schema?.image ? FIRST_PIXELS : FIRST_FEATURES;
  const shown = all ? baseline.features : baseline.features.slice(0, first);
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
      {schema?.image && (
        <BaselineImage
          image={schema.image}
          features={schema.features}
          baseline={baseline}
        />
      )}
      <ul className={styles.charts}>
        {baseline.prediction && (
          <li className={styles.prediction}>
            <BaselineChart
              title="Prediction"
              unit={schema?.prediction.unit}
              profile={baseline.prediction}
              labels={schema?.prediction.labels}
            />
          </li>
        )}
        {shown.map(feature => (
          <li key={feature.name}>
            <BaselineChart
              title={feature.name}
              unit={units.get(feature.name)}
              profile={feature}
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
