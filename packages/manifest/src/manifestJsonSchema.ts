import { z } from 'zod';
import { manifestSchema } from './manifestV2';

/** Name of the file that editors fetch. */
export const SCHEMA_FILE = 'model-deployment.v2.json';

/** The manifest for editors and other programs: all that one field can be wrong in is in it. */
export function manifestJsonSchema(): Record<string, unknown> {
  // Editors know draft 7 best.
  const { $schema, ...schema } = z.toJSONSchema(manifestSchema, {
    target: 'draft-7',
    io: 'input',
  });
  return {
    $schema,
    $id: `https://greenroom.dev/schemas/${SCHEMA_FILE}`,
    title: 'ModelDeployment, greenroom.dev/v2',
    ...schema,
  };
}
