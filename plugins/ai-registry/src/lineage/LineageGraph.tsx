import { useRouteRef } from '@backstage/frontend-plugin-api';
import { FlowGraph } from '@greenroom/ai-react';
import { versionRouteRef } from '../routes';
import { LINEAGE_COLUMNS, type Lineage } from './lineage';

const TONES = { version: 'main', environment: 'good' } as const;

/** From what versions were evaluated on to where they run. */
export function LineageGraph(props: { model: string; lineage: Lineage }) {
  const { model, lineage } = props;
  const versionLink = useRouteRef(versionRouteRef);
  return (
    <FlowGraph
      label="Lineage"
      columns={LINEAGE_COLUMNS}
      edges={lineage.edges}
      nodes={lineage.nodes.map(({ url, version, ...node }) => ({
        ...node,
        tone:
          node.column === 'version' || node.column === 'environment'
            ? TONES[node.column]
            : undefined,
        href:
          version === undefined
            ? url
            : versionLink?.({ name: model, version: String(version) }),
        isExternal: url !== undefined,
      }))}
    />
  );
}
