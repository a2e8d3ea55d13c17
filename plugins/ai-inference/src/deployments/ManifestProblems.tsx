import { useApi } from '@backstage/core-plugin-api';
import { Loaded, NotAppliedAlert, useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Environment,
} from '@greenroom/plugin-ai-registry-common';
import { modelsApiRef } from '../api/ModelsApi';

/** Manifests on the main branch that are not applied, of one environment or of all. */
export function ManifestProblems(props: { environment?: Environment }) {
  const { environment } = props;
  const registry = useApi(modelsApiRef);
  const problems = useLive(
    async signal => {
      const { items } = await registry.listEnvironmentProblems({ signal });
      return items.filter(
        problem => !environment || problem.environment === environment,
      );
    },
    [environment],
    { channel: SIGNAL_CHANNEL },
  );
  return (
    <Loaded live={problems} what="the manifests" skeleton={[]}>
      {items =>
        items.map(problem => (
          <NotAppliedAlert
            key={`${problem.environment}/${problem.path}`}
            problem={problem}
          />
        ))
      }
    </Loaded>
  );
}
