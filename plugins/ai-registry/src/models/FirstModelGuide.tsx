import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { CodeBlock, Panel } from '@greenroom/ai-react';
import type { ReactNode } from 'react';
import useAsync from 'react-use/esm/useAsync';
import styles from './FirstModelGuide.module.css';

export interface FirstModelGuideProps {
  /** The button that registers a model. */
  action: ReactNode;
  /** Where the portal is served, e.g. `http://localhost:7007`. */
  origin: string;
}

/** What an empty registry says: how the first model gets in. */
export function FirstModelGuide({ action, origin }: FirstModelGuideProps) {
  const identity = useApi(identityApiRef);
  const own = useAsync(
    async () => (await identity.getBackstageIdentity()).ownershipEntityRefs,
    [identity],
  );
  const owner =
    own.value?.find(ref => ref.startsWith('group:')) ?? 'group:default/my-team';
  return (
    <div className={styles.guide}>
      <Panel
        title="Register your first model here"
        description="Give it a name and an owner, then upload an ONNX file as its first version. The registry reads the inputs and outputs from the file itself."
      >
        <div>{action}</div>
      </Panel>
      <Panel
        title="Or from a training script"
        description="The typed client speaks to the same API that these pages use."
      >
        <CodeBlock language="TypeScript" code={clientExample(origin, owner)} />
      </Panel>
    </div>
  );
}

function clientExample(origin: string, owner: string): string {
  return `import { readFile } from 'node:fs/promises';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

const registry = new AiRegistryClient({
  discoveryApi: {
    getBaseUrl: async pluginId => \`${origin}/api/\${pluginId}\`,
  },
});
const token = process.env.GREENROOM_TOKEN;

await registry.createModel(
  {
    name: 'digits',
    task: 'classification',
    owner: '${owner}',
  },
  { token },
);
const { digest } = await registry.uploadArtifact(
  await readFile('digits.onnx'),
  { token },
);
await registry.createVersion('digits', { digest }, { token });`;
}
