import { useApi } from '@backstage/frontend-plugin-api';
import { Select } from '@backstage/ui';
import { useLive } from '@greenroom/ai-react';
import type { DatasetVersion } from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { rowsText } from '../view/rowsText';

/** Datasets to choose from; of more, the command and the API take any. */
const MOST_CHOICES = 200;

/** What is chosen, as texts. */
export interface DatasetChoice {
  /** Empty while none is chosen. */
  dataset: string;
  /** Empty for the newest one. */
  version: string;
}

/** Versions of the chosen dataset whose rows are here, and which of them is meant. */
export function useDatasetVersions({ dataset, version }: DatasetChoice): {
  versions: DatasetVersion[];
  /** Its number; empty while there is none. */
  chosen: string;
} {
  const registry = useApi(aiRegistryApiRef);
  const { value: versions = [] } = useLive(
    async signal =>
      dataset === ''
        ? []
        : (
            await registry.listDatasetVersions(
              dataset,
              { limit: MOST_CHOICES },
              { signal },
            )
          ).items.filter(({ kind }) => kind === 'stored'),
    [dataset],
  );
  return { versions, chosen: version || `${versions[0]?.version ?? ''}` };
}

/** Asks for a dataset and one of its versions whose rows are here. */
export function DatasetVersionFields(props: {
  /** Of the field of the dataset, and of the one of its version. */
  labels: [string, string];
  description: string;
  dataset: string;
  errors: Partial<Record<keyof DatasetChoice, string>>;
  found: ReturnType<typeof useDatasetVersions>;
  /** With both, where another dataset is chosen. */
  onChange(choice: Partial<DatasetChoice>): void;
}) {
  const { labels, description, dataset, errors, found, onChange } = props;
  const registry = useApi(aiRegistryApiRef);
  const datasets = useLive(
    signal => registry.listDatasets({ limit: MOST_CHOICES }, { signal }),
    [],
  );
  return (
    <>
      <Select
        label={labels[0]}
        description={errors.dataset ?? description}
        isInvalid={errors.dataset !== undefined}
        placeholder="Choose a dataset"
        options={(datasets.value?.items ?? []).map(({ name, title }) => ({
          id: name,
          label: title === name ? name : `${title} (${name})`,
        }))}
        value={dataset || null}
        onChange={value => onChange({ dataset: `${value}`, version: '' })}
      />
      <Select
        label={labels[1]}
        description={errors.version}
        isInvalid={errors.version !== undefined}
        placeholder="Choose a version"
        options={found.versions.map(({ version, rows }) => ({
          id: String(version),
          label: `Version ${version}, ${
            rows === undefined ? '? rows' : rowsText(rows)
          }`,
        }))}
        value={found.chosen || null}
        onChange={value => onChange({ version: `${value}` })}
      />
    </>
  );
}
