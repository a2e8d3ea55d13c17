import { Facts, Panel, RouteLink } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { sourceOf } from './source';

const SHORT_COMMIT = 10;

/** Where the code of a run is. */
export function SourcePanel({ run }: { run: Run }) {
  const { name, type, branch, commit, repository, commitPage } = sourceOf(run);
  if (!name && !commit && !repository) return null;
  return (
    <Panel title="Source">
      <Facts
        facts={[
          {
            label: type ? `Source (${type.toLocaleLowerCase('en')})` : 'Source',
            value: name && <code>{name}</code>,
            wide: true,
          },
          {
            label: 'Commit',
            value: commit && (
              <RouteLink to={commitPage}>
                <code title={commit}>{commit.slice(0, SHORT_COMMIT)}</code>
              </RouteLink>
            ),
          },
          { label: 'Branch', value: branch && <code>{branch}</code> },
          {
            label: 'Repository',
            value: repository && (
              <RouteLink to={repository}>
                {repository.replace('https://', '')}
              </RouteLink>
            ),
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}
