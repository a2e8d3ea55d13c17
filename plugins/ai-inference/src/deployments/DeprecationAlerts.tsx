import { useRouteRef } from '@backstage/frontend-plugin-api';
import { DeprecationAlert } from '@greenroom/ai-react';
import type { ListedDeprecation } from '@greenroom/plugin-ai-registry-common';
import { modelRouteRef } from '../routes';

/** What is deprecated of something that serves, each with a link to what to use instead. */
export function DeprecationAlerts(props: {
  deprecations: readonly ListedDeprecation[] | undefined;
}) {
  const toModel = useRouteRef(modelRouteRef);
  return (
    <>
      {props.deprecations?.map(({ model, version, ...deprecation }) => (
        <DeprecationAlert
          key={version ?? 'model'}
          thing={{ model, version }}
          deprecation={deprecation}
          now={new Date()}
          replacementHref={
            deprecation.replacement &&
            toModel?.({ name: deprecation.replacement.model })
          }
        />
      ))}
    </>
  );
}
