import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import type { TemplateDataset } from '@greenroom/plugin-ai-training-common';
import { registryApiRef } from '../api/otherPlugins';
import { ChoiceField } from './ChoiceField';

/** The newest ones; an older one is named in the template. */
const MOST_VERSIONS = 200;

/** Asks which version of a dataset the program reads. */
export function DatasetField(props: {
  dataset: TemplateDataset;
  value: string;
  error: string | undefined;
  onChange(version: string): void;
}) {
  const { dataset, value, error, onChange } = props;
  const registry = useApi(registryApiRef);
  const versions = useLive(
    async signal =>
      (
        await registry.listDatasetVersions(
          dataset.dataset,
          { limit: MOST_VERSIONS },
          { signal },
        )
      ).items.map(({ version }) => String(version)),
    [dataset.dataset],
    { pollMillis: 5 * 60_000 },
  );
  const known = versions.value ?? [];
  const options = [
    ...known,
    ...(value !== '' && !known.includes(value) ? [value] : []),
  ];
  return (
    <ChoiceField
      label={dataset.name}
      description={
        versions.error
          ? `The versions of ${dataset.dataset} can not be listed: ${versions.error.message}`
          : `A version of the dataset ${dataset.dataset}.`
      }
      options={[
        {
          id: '',
          label: known[0] ? `The newest (${known[0]} now)` : 'The newest',
        },
        ...options.map(version => ({
          id: version,
          label: `Version ${version}`,
        })),
      ]}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
