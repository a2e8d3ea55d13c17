import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { makeVersion } from '../__testUtils__/fixtures';
import { commitUrl, lineage } from './lineage';

describe('lineage', () => {
  it('joins versions that share a data set, and leads them to environments', () => {
    const graph = lineage(
      [
        makeVersion({ version: 1, aliases: ['staging', 'champion'] }),
        makeVersion({
          version: 2,
          aliases: ['production'],
          source: {
            repository: 'https://git.example.com/team/models.git',
            commit: '0123456789abcdef',
            path: 'digits/train.py',
          },
        }),
      ],
      DEFAULT_ENVIRONMENTS,
    );
    expect(graph.nodes.map(node => [node.column, node.title])).toEqual([
      ['version', 'Version 2'],
      ['source', 'Commit 0123456'],
      ['dataset', 'digits held-out'],
      ['environment', 'production'],
      ['version', 'Version 1'],
      ['environment', 'staging'],
    ]);
    const title = (id: string) =>
      graph.nodes.find(node => node.id === id)?.title;
    expect(
      graph.edges.map(edge => `${title(edge.from)} > ${title(edge.to)}`),
    ).toEqual([
      'Commit 0123456 > Version 2',
      'digits held-out > Commit 0123456',
      'Version 2 > production',
      'digits held-out > Version 1',
      'Version 1 > staging',
    ]);
    expect(graph.nodes[1].url).toBe(
      'https://git.example.com/team/models/commit/0123456789abcdef',
    );
  });

  it('leads a converted version back to the one that it was made of', () => {
    const source = { run: 'conversion-run' };
    const { nodes, edges } = lineage(
      [
        makeVersion({ version: 1, evaluation: undefined }),
        makeVersion({
          version: 2,
          source,
          convertedFrom: 1,
          evaluation: undefined,
        }),
      ],
      DEFAULT_ENVIRONMENTS,
    );
    expect(nodes).toContainEqual({
      id: 'conversion:1',
      column: 'source',
      title: 'Conversion',
      detail: 'of version 1',
      version: 1,
    });
    expect(edges).toContainEqual({ from: 'conversion:1', to: 'version:2' });
  });

  it('makes no links of repositories that browsers cannot open', () => {
    expect(commitUrl('git@example.com:a/b.git', 'abc')).toBeUndefined();
    expect(commitUrl('data:text/html,hello', 'abc')).toBeUndefined();
    expect(commitUrl('https://example.com/a/', 'abc')).toBe(
      'https://example.com/a/commit/abc',
    );
  });
});
