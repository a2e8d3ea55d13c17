import { ResponseError } from '@backstage/errors';
import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  EmptyState,
  isoOf,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import type { DatasetVersion } from '@greenroom/plugin-ai-registry-common';
import {
  DATASET_DIGEST_TAG,
  type DatasetRun,
} from '@greenroom/plugin-ai-training-common';
import { trainingApiRef } from '../api/TrainingApi';
import { runRouteRef } from '../routes';

const BY: Record<DatasetRun['by'], string> = {
  tag: 'the digest, in a tag',
  digest: 'the digest',
  source: 'the address',
};

/** Which training runs say that they read these rows; nothing where training is not installed. */
export function RunsPanel({ version }: { version: DatasetVersion }) {
  const training = useApi(trainingApiRef);
  const runLink = useRouteRef(runRouteRef);
  const { dataset, version: number, digest, fileDigest } = version;
  const runs = useLive(
    async signal => {
      try {
        const digests = [digest, ...(fileDigest ? [fileDigest] : [])];
        return await training.listDatasetUses(
          { dataset, version: number, digests },
          { signal },
        );
      } catch (error) {
        if (error instanceof ResponseError && error.statusCode === 404) {
          return 'not installed' as const;
        }
        throw error;
      }
    },
    [dataset, number],
    { pollMillis: 60_000, keepPrevious: true },
  );
  if (runs.value === 'not installed') return null;
  return (
    <Panel
      title="Training runs that read these rows"
      description="As the runs say: by this version’s digest, or by its address."
    >
      <Loaded live={runs} what="the training runs" skeleton={[64]}>
        {value => {
          if (value === 'not installed') return null;
          if (value.items.length === 0) {
            return (
              <EmptyState
                title="None yet"
                description={`Log the rows with mlflow.log_input(dataset, tags={"${DATASET_DIGEST_TAG}": "${digest}"}).`}
              />
            );
          }
          return (
            <>
              <PlainTable
                label="Training runs that read these rows"
                columns={['Run', 'Experiment', 'Used for', 'Names', 'Started']}
              >
                {value.items.map(use => (
                  <tr key={use.run}>
                    <td>
                      <Link href={runLink?.({ runId: use.run }) ?? '#'}>
                        {use.name}
                      </Link>
                    </td>
                    <td>{use.experimentName}</td>
                    <td>{use.context ?? '–'}</td>
                    <td>{BY[use.by]}</td>
                    <td>
                      <Started millis={use.startedAt} />
                    </td>
                  </tr>
                ))}
              </PlainTable>
              {value.isCut && (
                <p>{`The newest ${value.items.length}; there are more.`}</p>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Started({ millis }: { millis: number | undefined }) {
  const at = isoOf(millis);
  return at === undefined ? null : <RelativeTime at={at} />;
}
