import { CodeBlock, DataTable, Facts, Panel } from '@greenroom/ai-react';
import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';

/** What a version that runs at a provider is: its descriptor, which its digest pins. */
export function ExternalPanel({ external }: { external: ExternalDescriptor }) {
  const { connection, model, tasks, tensors, parameters, messages } = external;
  const hasParameters = Object.keys(parameters).length > 0;
  return (
    <Panel
      title="Provider's model"
      description="It runs at a provider. Each environment says what the connection is there."
    >
      <Facts
        facts={[
          { label: 'Connection', value: <code>{connection}</code> },
          { label: 'Model', value: <code>{model}</code> },
          tensors
            ? { label: 'Protocol', value: <code>{tensors.protocol}</code> }
            : { label: 'Tasks', value: tasks.join(', ') },
        ]}
      />
      {hasParameters && (
        <CodeBlock
          code={JSON.stringify(parameters, undefined, 2)}
          language={
            tensors
              ? 'Parameters of each request'
              : 'Parameters where callers give none'
          }
        />
      )}
      {messages.length > 0 && (
        <DataTable
          caption="Messages that come before those of callers"
          columns={['Role', 'Content']}
          rows={messages.map(({ role, content }) => [role, content])}
        />
      )}
    </Panel>
  );
}
