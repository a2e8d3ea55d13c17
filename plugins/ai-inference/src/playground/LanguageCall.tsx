import { Alert } from '@backstage/ui';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import { CallSnippets } from './CallSnippets';
import { languageSnippets } from './languageSnippets';
import { EXAMPLE_URL, useDataPlanes } from './useDataPlanes';

/** How programs call a version that runs at a provider. */
export function LanguageCall(props: {
  deployment: Deployment;
  /** Undefined to let the traffic split choose. */
  version: number | undefined;
  external: ExternalDescriptor;
}) {
  const { deployment, version, external } = props;
  const { address } = useDataPlanes(deployment);
  return (
    <>
      <Alert
        status="info"
        icon
        title="It runs at a provider"
        description="It is called through OpenAI's API at the data plane, by the code below or any program that takes a base URL and a key."
      />
      <CallSnippets
        snippets={languageSnippets({
          baseUrl: address ?? EXAMPLE_URL,
          model: deployment.model,
          version,
          tasks: external.tasks,
        })}
      />
    </>
  );
}
