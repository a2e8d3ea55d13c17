import type { RouteShadow } from '@greenroom/plugin-ai-inference-common';
import type { ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';

/** The request takes no part in a comparison. */
export const UNCOUNTED = -1;
/** The request is a unit by itself. */
export const OWN_UNIT = 0;

/** What a request says that decides which version answers it. */
export interface AssignedBy {
  /** Keeps the caller on one variant. */
  readonly assignmentId: string | undefined;
  /** Whether the request takes no part in a comparison, though it is answered like any other. */
  readonly isUncounted?: boolean;
}

/** Which version answers a request, and whom it is counted for. */
export interface Assignment {
  readonly served: ServedVersion;
  /** By which it was chosen. */
  readonly route: ServedRoute;
  /**
   * A hash of the assignment id, salted by the route's comparison; {@link OWN_UNIT} without an id,
   * {@link UNCOUNTED} for a request that takes no part: it named its version, its caller is
   * outside of the namespace, or the version that was its own could not answer.
   */
  readonly unit: number;
  /** The shadow that answers a copy of it; undefined where none is to. */
  readonly copiedTo?: RouteShadow;
}
