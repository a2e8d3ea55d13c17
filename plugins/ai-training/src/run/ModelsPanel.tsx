import { formatNumber, Panel, PlainTable } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';

/** Logged models that a run made, and those that it read. */
export function ModelsPanel({ run }: { run: Run }) {
  const models = [
    ...run.outputs.map(({ modelId, step }) => ({
      id: modelId,
      what: 'Made',
      step: formatNumber(step),
    })),
    ...run.inputModels.map(id => ({ id, what: 'Read', step: '–' })),
  ];
  if (models.length === 0) return null;
  return (
    <Panel title={`Models (${models.length})`}>
      <PlainTable
        label="Models"
        columns={['Model', 'The run', 'At step']}
        look="facts"
      >
        {models.map(({ id, what, step }) => (
          <tr key={`${id}-${what}-${step}`}>
            <th scope="row">
              <code>{id}</code>
            </th>
            <td>{what}</td>
            <td>{step}</td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}
