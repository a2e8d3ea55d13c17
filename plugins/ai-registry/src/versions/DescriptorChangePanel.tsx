import { DataTable, Panel, StatusPill } from '@greenroom/ai-react';
import {
  compareDescriptors,
  type ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import styles from './DescriptorChangePanel.module.css';

type Described = Pick<ModelVersion, 'version' | 'external'>;

/** What changes from one version at a provider to another: its model, its parameters, its prompt. */
export function DescriptorChangePanel(props: {
  base: Described;
  candidate: Described;
}) {
  const { base, candidate } = props;
  const fields = compareDescriptors(base.external, candidate.external);
  if (fields.length === 0) return null;
  const same = fields.every(({ changed }) => !changed);
  return (
    <Panel
      title="Model, parameters and prompt"
      description={
        same ? 'Both versions ask the same of the provider.' : undefined
      }
    >
      <DataTable
        caption="What both versions ask of their providers"
        columns={[
          'Field',
          `Version ${base.version}`,
          `Version ${candidate.version}`,
          'Change',
        ]}
        rows={fields.map(field => [
          field.name,
          <Value key="base" text={field.base} />,
          <Value key="candidate" text={field.candidate} />,
          field.changed ? (
            <StatusPill key="change" tone="warning">
              {changeOf(field)}
            </StatusPill>
          ) : (
            'same'
          ),
        ])}
      />
    </Panel>
  );
}

function Value({ text }: { text: string | undefined }) {
  return <span className={styles.value}>{text ?? '–'}</span>;
}

function changeOf(field: { base?: string; candidate?: string }): string {
  if (field.base === undefined) return 'new';
  return field.candidate === undefined ? 'gone' : 'changed';
}
