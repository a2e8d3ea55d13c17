import {
  DataTable,
  EmptyState,
  Facts,
  formatNumber,
  Panel,
} from '@greenroom/ai-react';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';

/** What the numbers of a version mean to people. */
export function SchemaPanel({ schema }: { schema?: ModelSchema }) {
  if (!schema) {
    return (
      <Panel title="Features">
        <EmptyState
          title="No schema"
          description="Put a schema into the description file of the next version: feature names, units and ranges make forms and drift readable."
        />
      </Panel>
    );
  }
  const { image, prediction, features } = schema;
  return (
    <Panel
      title="Features"
      description={
        image
          ? `An image of ${image.width} × ${image.height} grey pixels, ink up to ${image.maxValue}, in tensor ${image.tensor}.`
          : 'In the order of the input row.'
      }
    >
      {!image && (
        <DataTable
          caption="Features"
          columns={['Feature', 'Unit', 'Range in training', 'Meaning']}
          rows={features.map(feature => [
            feature.name,
            feature.unit ?? '',
            feature.range
              ? `${formatNumber(feature.range[0])} to ${formatNumber(
                  feature.range[1],
                )}`
              : '',
            feature.description ?? '',
          ])}
        />
      )}
      <Facts
        facts={[
          { label: 'Task', value: schema.task },
          { label: 'Answer', value: prediction.tensor },
          { label: 'Unit', value: prediction.unit },
          { label: 'Classes', value: prediction.labels?.join(', ') },
          { label: 'Probabilities', value: prediction.probabilityTensor },
        ]}
      />
    </Panel>
  );
}
