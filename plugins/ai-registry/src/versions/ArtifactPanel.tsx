import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Facts, formatBytes, Panel, RouteLink } from '@greenroom/ai-react';
import type {
  ModelVersionDetail,
  VersionSource,
} from '@greenroom/plugin-ai-registry-common';
import { commitUrl } from '../lineage/lineage';
import { runRouteRef } from '../routes';
import { Digest } from '../view/Digest';

/** The file of a version and where it came from. */
export function ArtifactPanel({ version }: { version: ModelVersionDetail }) {
  const { source, tags } = version;
  const url = commitUrl(source.repository, source.commit);
  const toRun = useRouteRef(runRouteRef);
  return (
    <Panel title="Artifact and source">
      <Facts
        facts={[
          { label: 'Format', value: version.format.toUpperCase() },
          { label: 'Size', value: formatBytes(version.sizeBytes) },
          {
            label: 'Commit',
            value:
              url && source.commit ? (
                <Link href={url} target="_blank" rel="noreferrer">
                  {source.commit.slice(0, 12)}
                </Link>
              ) : (
                source.commit?.slice(0, 12)
              ),
          },
          { label: 'Training script', value: source.path, wide: true },
          { label: 'Repository', value: source.repository, wide: true },
          {
            label: 'Run',
            value: source.run && (
              <RouteLink to={runPage(source, toRun)}>{source.run}</RouteLink>
            ),
            wide: true,
          },
          ...Object.entries(tags).map(([label, value]) => ({
            label: `Tag ${label}`,
            value,
          })),
          {
            label: 'Digest',
            value: <Digest digest={version.digest} full />,
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}

/** Runs that are tracked here have a page; of others, the page that their client named. */
function runPage(
  { run = '', runLink }: VersionSource,
  toRun: ((params: { runId: string }) => string) | undefined,
): string | undefined {
  const here = /^[0-9a-f]{32}$/.test(run) ? toRun?.({ runId: run }) : undefined;
  return here ?? (runLink?.startsWith('https://') ? runLink : undefined);
}
