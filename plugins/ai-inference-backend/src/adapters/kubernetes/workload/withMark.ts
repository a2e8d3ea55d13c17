import type { NamedObject } from '@greenroom/cluster-client';
import { createHash } from 'node:crypto';

/** Of what was applied last: what differs while this is the same was changed by somebody else. */
export const APPLIED_ANNOTATION = 'greenroom.dev/applied';

export function withMark(object: NamedObject): NamedObject {
  const mark = createHash('sha256')
    .update(JSON.stringify(object))
    .digest('hex')
    .slice(0, 16);
  const annotations = {
    ...Object(object.metadata).annotations,
    [APPLIED_ANNOTATION]: mark,
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
