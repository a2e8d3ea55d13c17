import type { RouteDeprecation } from '@greenroom/plugin-ai-inference-common';
import {
  deprecationInForce,
  type ListedDeprecation,
} from '@greenroom/plugin-ai-registry-common';

/**
 * What data planes tell callers, by model: of each version what is in force for it.
 *
 * @param linkOf - page of a model for people; undefined where the portal has no address
 */
export function routeDeprecations(
  deprecations: readonly ListedDeprecation[],
  linkOf: (model: string) => string | undefined,
): Map<string, RouteDeprecation[]> {
  const ofWholeModels = new Map(
    deprecations.flatMap(one =>
      one.version === undefined ? [[one.model, one] as const] : [],
    ),
  );
  const found = new Map<string, RouteDeprecation[]>();
  for (const listed of deprecations) {
    const { model, version } = listed;
    const told = deprecationInForce<ListedDeprecation>(
      listed,
      ofWholeModels.get(model),
    );
    if (!told) continue;
    const link = linkOf(model);
    const route: RouteDeprecation = {
      ...(version !== undefined && { version }),
      since: told.since,
      ...(told.sunsetAt !== undefined && { sunsetAt: told.sunsetAt }),
      ...(link !== undefined && { link }),
    };
    found.set(model, [...(found.get(model) ?? []), route]);
  }
  return found;
}
