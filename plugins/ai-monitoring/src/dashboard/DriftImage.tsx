import { Panel, formatEffect } from '@greenroom/ai-react';
import type { DriftReport } from '@greenroom/ml-kit';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { heat } from './driftRanking';
import { DriftPill } from './DriftVerdict';
import { HeatLegend } from './HeatLegend';
import styles from './dashboard.module.css';

interface DriftImageProps {
  report: DriftReport;
  schema: ModelSchema;
  image: NonNullable<ModelSchema['image']>;
}

/** Features that are pixels, drawn where they are in the image: the shape of the drift shows. */
export function DriftImage({ report, schema, image }: DriftImageProps) {
  const { effectThreshold } = report.options;
  const pixels = schema.features
    .filter(({ tensor }) => tensor === image.tensor)
    .map(({ name, index }) => ({
      name,
      index,
      drift: report.features.find(feature => feature.name === name),
    }))
    .sort((a, b) => a.index - b.index);
  const drifted = pixels.filter(({ drift }) => drift?.status === 'alert');
  return (
    <Panel
      title="Drift in the image"
      description={`${drifted.length} of ${pixels.length} pixels changed much. Each square is a pixel of the input.`}
      actions={<DriftPill status={report.status} />}
    >
      <div
        className={styles.image}
        style={{ gridTemplateColumns: `repeat(${image.width}, 1fr)` }}
        role="img"
        aria-label={`Drift of the ${image.width} by ${image.height} pixels; ${drifted.length} changed much`}
      >
        {pixels.map(({ name, index, drift }) => (
          <span
            key={name}
            className={styles.cell}
            data-status={drift?.status ?? 'not-enough-data'}
            style={{
              ['--heat' as string]: `${
                drift ? heat(drift.effect, effectThreshold) * 100 : 0
              }%`,
            }}
            title={`Row ${Math.floor(index / image.width) + 1}, column ${
              (index % image.width) + 1
            }: ${
              drift && drift.status !== 'not-enough-data'
                ? `effect ${formatEffect(drift.effect)}`
                : 'not enough data'
            }`}
          />
        ))}
      </div>
      <HeatLegend effectThreshold={effectThreshold} />
    </Panel>
  );
}
