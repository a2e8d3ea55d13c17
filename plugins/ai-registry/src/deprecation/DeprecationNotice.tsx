import { useRouteRef } from '@backstage/frontend-plugin-api';
import { DeprecationAlert } from '@greenroom/ai-react';
import type {
  DeprecatedThing,
  Deprecation,
  Replacement,
} from '@greenroom/plugin-ai-registry-common';
import { modelRouteRef, versionRouteRef } from '../routes';

/** The deprecation of a model or version, with a link to what to use instead; nothing where there is none. */
export function DeprecationNotice(props: {
  thing: DeprecatedThing;
  deprecation: Deprecation | undefined;
}) {
  const { thing, deprecation } = props;
  const modelLink = useRouteRef(modelRouteRef);
  const versionLink = useRouteRef(versionRouteRef);
  if (!deprecation) return null;
  const hrefOf = ({ model: name, version }: Replacement) =>
    version === undefined
      ? modelLink?.({ name })
      : versionLink?.({ name, version: String(version) });
  return (
    <DeprecationAlert
      thing={thing}
      deprecation={deprecation}
      now={new Date()}
      replacementHref={
        deprecation.replacement && hrefOf(deprecation.replacement)
      }
    />
  );
}
