import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import { CallSnippets } from '../CallSnippets';
import { UnservedAlert } from '../DataPlaneNotes';
import { EXAMPLE_URL, useDataPlanes } from '../useDataPlanes';
import { ChatPanel } from './ChatPanel';
import { EmbeddingsPanel } from './EmbeddingsPanel';
import { languageSnippets } from './languageSnippets';

/** A chat, texts to compare, and the call as programs make it. */
export function LanguagePlayground(props: {
  deployment: Deployment;
  /** Undefined to let the traffic split choose. */
  version: number | undefined;
  external: ExternalDescriptor;
}) {
  const { deployment, version, external } = props;
  const { address, isServed } = useDataPlanes(deployment);
  const { tasks } = external;
  return (
    <>
      {tasks.includes('chat') && (
        <ChatPanel
          deployment={deployment}
          version={version}
          external={external}
        />
      )}
      {tasks.includes('embeddings') && (
        <EmbeddingsPanel deployment={deployment} version={version} />
      )}
      {!isServed && <UnservedAlert deployment={deployment} address={address} />}
      <CallSnippets
        namesVersion={version !== undefined}
        snippets={languageSnippets({
          baseUrl: address ?? EXAMPLE_URL,
          model: deployment.model,
          version,
          tasks,
        })}
      />
    </>
  );
}
