import { Flex } from '@backstage/ui';
import { EmptyState, Panel } from '@greenroom/ai-react';
import type {
  Model,
  ModelOverview as Overview,
} from '@greenroom/plugin-ai-registry-common';
import { DeprecationNotice } from '../deprecation/DeprecationNotice';
import { EnvironmentTiles } from '../promotions/EnvironmentTiles';
import { MetricByVersionChart } from '../versions/MetricByVersionChart';
import { metricHistory } from '../versions/metricHistory';
import { VersionsTable } from '../versions/VersionsTable';

/** A model's first tab: where it runs, how it got better, its versions. */
export function ModelOverview({ overview }: { overview: Overview }) {
  const { model, versions } = overview;
  return (
    <Flex direction="column" gap="4">
      <DeprecationNotice
        thing={{ model: model.name }}
        deprecation={model.deprecation}
      />
      {deployedOf(overview).map(({ version, deprecation }) => (
        <DeprecationNotice
          key={version}
          thing={{ model: model.name, version }}
          deprecation={deprecation}
        />
      ))}
      <EnvironmentTiles overview={overview} />
      {versions.length === 0 ? (
        <EmptyState
          title="No version yet"
          description={
            atProvider(model)
              ? 'Upload a version with the button above: it says which model of a provider is asked, over which connection, with which prompt.'
              : 'Upload an ONNX file with the button above, or register a version from a training script with the typed client. Its inputs and outputs are read from the file.'
          }
        />
      ) : (
        <>
          <MetricPanel overview={overview} />
          <Panel
            title="Versions"
            description={
              versions.length < model.versionCount
                ? `The newest ${versions.length} of ${model.versionCount}. Choose two to compare them.`
                : 'Choose two to compare them.'
            }
          >
            <VersionsTable model={model} versions={versions} />
          </Panel>
        </>
      )}
    </Flex>
  );
}

/** Versions that an environment wants; the others' deprecation is on their own page. */
function deployedOf({ versions, deployments }: Overview) {
  return versions.filter(({ version }) =>
    deployments.some(deployment => deployment.version === version),
  );
}

function MetricPanel({ overview }: { overview: Overview }) {
  const { model, versions, intervals } = overview;
  const history = metricHistory(versions, intervals);
  return (
    <Panel title="Quality over versions">
      {history ? (
        <MetricByVersionChart model={model.name} history={history} />
      ) : (
        <EmptyState
          title="No evaluation yet"
          description={
            atProvider(model)
              ? 'Open a version and choose Evaluate: it is asked the prompts of a dataset.'
              : 'Give the next version an evaluation in its description file: metrics, the one that decides, and the rows they were measured on.'
          }
        />
      )}
    </Panel>
  );
}

/** Whether its versions are, by what it does, models that a provider runs. */
function atProvider({ task }: Model): boolean {
  return task === 'text-generation';
}
