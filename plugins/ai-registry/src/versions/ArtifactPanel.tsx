import { Link } from '@backstage/ui';
import { Facts, formatBytes, Panel } from '@greenroom/ai-react';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { commitUrl } from '../lineage/lineage';
import { Digest } from '../view/Digest';

/** The file of a version and where it came from. */
export function ArtifactPanel({ version }: { version: ModelVersionDetail }) {
  const { source, tags } = version;
  const url = commitUrl(source.repository, source.commit);
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
          { label: 'Run', value: source.run },
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
